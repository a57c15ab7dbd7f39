/** From a schedule to the functions that it runs. */
import { randomUUID } from "node:crypto";
import type { Cloud } from "../cloud.ts";
import { functionNameOf } from "../gateway/invoke.ts";
import type { Rule, RuleTarget } from "./rule.ts";

const EVENTBRIDGE = "events.amazonaws.com";

/**
 * Invokes what a rule has for targets, asynchronously, as EventBridge invokes functions.
 *
 * @param scheduledAt milliseconds since 1970
 */
export function invokeTargets(rule: Rule, scheduledAt: number, cloud: Cloud): void {
  const event = JSON.stringify(scheduledEvent(rule, scheduledAt, cloud));
  for (const target of rule.targets.values()) invokeTarget(rule, target, event, cloud);
}

function invokeTarget(rule: Rule, target: RuleTarget, event: string, cloud: Cloud): void {
  // Once for each target: on AWS a run that reaches nothing fails without a word, and the next one does, too.
  const warn = (message: string) => {
    if (!target.warned) cloud.report({ event: "warning", message });
    target.warned = true;
  };
  const lambda = cloud.functions.get(functionNameOf(target.functionArn));
  if (lambda === undefined) {
    warn(`the rule ${rule.name} invokes ${target.functionArn}, which is not part of this program: nothing runs`);
    return;
  }
  const permissions = [...lambda.permissions.values()];
  const refusal = cloud.access.serviceRefusal(permissions, EVENTBRIDGE, lambda.settings.arn, rule.arn);
  if (refusal !== undefined) {
    warn(
      `the rule ${rule.name} does not run ${lambda.settings.name} ${refusal.why}; on AWS nothing would tell: ` +
        `what is missing: ${JSON.stringify(refusal.fix)}`,
    );
    return;
  }
  cloud.asynchronous.accept(lambda, target.input ?? event);
}

/** https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduled.html */
function scheduledEvent(rule: Rule, scheduledAt: number, cloud: Cloud) {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: cloud.accountId,
    time: `${new Date(scheduledAt).toISOString().slice(0, "2026-01-01T00:00:00".length)}Z`,
    region: cloud.region,
    resources: [rule.arn],
    detail: {},
  };
}
