/** From a schedule to the functions that it runs. */
import { randomUUID } from "node:crypto";
import type { Access } from "../access.ts";
import type { AsynchronousInvocations } from "../functions/asynchronous.ts";
import type { LambdaFunction } from "../functions/function.ts";
import { functionNameOf } from "../gateway/invoke.ts";
import type { Reporter } from "../report.ts";
import type { Rule, RuleTarget } from "./rule.ts";

interface Place {
  readonly accountId: string;
  readonly region: string;
  readonly report: Reporter;
  readonly access: Access;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly asynchronous: AsynchronousInvocations;
}

const EVENTBRIDGE = "events.amazonaws.com";

/**
 * Invokes what a rule has for targets, asynchronously, as EventBridge invokes functions.
 *
 * @param scheduledAt milliseconds since 1970
 */
export function invokeTargets(rule: Rule, scheduledAt: number, place: Place): void {
  const event = JSON.stringify(scheduledEvent(rule, scheduledAt, place));
  for (const target of rule.targets.values()) invokeTarget(rule, target, event, place);
}

function invokeTarget(rule: Rule, target: RuleTarget, event: string, place: Place): void {
  // Once for each target: on AWS a run that reaches nothing fails without a word, and the next one does, too.
  const warn = (message: string) => {
    if (!target.warned) place.report({ event: "warning", message });
    target.warned = true;
  };
  const lambda = place.functions.get(functionNameOf(target.functionArn));
  if (lambda === undefined) {
    warn(`the rule ${rule.name} invokes ${target.functionArn}, which is not part of this program: nothing runs`);
    return;
  }
  const permissions = [...lambda.permissions.values()];
  const refusal = place.access.serviceRefusal(permissions, EVENTBRIDGE, lambda.settings.arn, rule.arn);
  if (refusal !== undefined) {
    warn(
      `the rule ${rule.name} does not run ${lambda.settings.name} ${refusal.why}; on AWS nothing would tell: ` +
        `what is missing: ${JSON.stringify(refusal.fix)}`,
    );
    return;
  }
  place.asynchronous.accept(lambda, target.input ?? event);
}

/** https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduled.html */
function scheduledEvent(rule: Rule, scheduledAt: number, place: Place) {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: place.accountId,
    time: `${new Date(scheduledAt).toISOString().slice(0, "2026-01-01T00:00:00".length)}Z`,
    region: place.region,
    resources: [rule.arn],
    detail: {},
  };
}
