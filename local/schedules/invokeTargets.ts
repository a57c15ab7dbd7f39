/** Invokes the functions and sends to the queues that are a rule's targets. */
import type { Access } from "../access.ts";
import { inputOf } from "../eventBus/targetInput.ts";
import type { AsynchronousInvocations } from "../functions/asynchronous.ts";
import type { LambdaFunction } from "../functions/function.ts";
import { functionNameOf } from "../gateway/invoke.ts";
import type { Queue } from "../queues/queue.ts";
import { sendAsService } from "../queues/serviceSend.ts";
import type { Reporter } from "../report.ts";
import type { Rule, RuleTarget } from "./rule.ts";

export interface TargetPlace {
  readonly accountId: string;
  readonly region: string;
  readonly report: Reporter;
  readonly access: Access;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly asynchronous: AsynchronousInvocations;
  /** Queues by ARN. */
  readonly queues: ReadonlyMap<string, Queue>;
}

const EVENTBRIDGE = "events.amazonaws.com";

/** Invokes a rule's targets asynchronously, as EventBridge does. */
export function invokeTargets(rule: Rule, event: object, place: TargetPlace): void {
  for (const target of rule.targets.values()) {
    if (/^arn:[a-z-]+:sqs:/.test(target.arn)) send(rule, target, inputOf(target, event), place);
    else invokeTarget(rule, target, inputOf(target, event), place);
  }
}

function send(rule: Rule, { arn }: RuleTarget, body: string, place: TargetPlace): void {
  const queue = place.queues.get(arn);
  const sender = { service: EVENTBRIDGE, sourceArn: rule.arn, ...place };
  if (queue !== undefined) sendAsService(queue, sender, body);
  else {
    const message = `the rule ${rule.name} sends to ${arn}, which is not part of this program: nothing is sent`;
    place.report({ event: "warning", message });
  }
}

function invokeTarget(rule: Rule, target: RuleTarget, event: string, place: TargetPlace): void {
  // Warns only once per target, because each later run would fail for the same reason. AWS wouldn't warn at all.
  const warn = (message: string) => {
    if (!target.warned) place.report({ event: "warning", message });
    target.warned = true;
  };
  const lambda = place.functions.get(functionNameOf(target.arn));
  if (lambda === undefined) {
    warn(`the rule ${rule.name} invokes ${target.arn}, which is not part of this program: nothing runs`);
    return;
  }
  const permissions = [...lambda.permissions.values()];
  const refusal = place.access.serviceRefusal(permissions, EVENTBRIDGE, lambda.settings.arn, rule.arn);
  if (refusal !== undefined) {
    warn(
      `the rule ${rule.name} does not run ${lambda.settings.name} ${refusal.why}; AWS would not report this. ` +
        `What is missing: ${JSON.stringify(refusal.fix)}`,
    );
    return;
  }
  place.asynchronous.accept(lambda, event);
}
