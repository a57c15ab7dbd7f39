import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { CallbackFunction } from "./CallbackFunction";
import { resourceName } from "./names";
import { placeOf } from "./place";
import { type TaggedArgs, tagsOf } from "./tags";

/** Arguments of `Schedule`. */
export interface ScheduleArgs extends TaggedArgs {
  /** Whole minutes between runs, 1 or more. The first run comes this long after the schedule is created. */
  everyMinutes: pulumi.Input<number>;
  /** Function to run. It is invoked asynchronously, so Lambda retries a run that fails. */
  // biome-ignore lint/suspicious/noExplicitAny: a schedule accepts a function with any uses
  target: CallbackFunction<any>;
}

/** Runs a function at a fixed interval: an EventBridge rule, and the permission for it to invoke this function. */
export class Schedule extends pulumi.ComponentResource {
  /** @throws pulumi.RunError if `everyMinutes` isn't a whole number, 1 or more */
  constructor(name: string, args: ScheduleArgs, opts?: pulumi.ComponentResourceOptions) {
    const { everyMinutes, target } = args;
    const scheduleExpression =
      typeof everyMinutes === "number"
        ? rate(name, everyMinutes)
        : pulumi.output(everyMinutes).apply((minutes) => rate(name, minutes));
    super("chat:index:Schedule", name, { everyMinutes, functionName: target.functionName }, opts);
    const ruleName = resourceName(name);
    const rule = new aws.cloudwatch.EventRule(
      name,
      { name: ruleName, scheduleExpression, tags: tagsOf(args) },
      { parent: this, deleteBeforeReplace: true },
    );
    const permission = new aws.lambda.Permission(
      name,
      {
        action: "lambda:InvokeFunction",
        function: target.function.name,
        principal: "events.amazonaws.com",
        // The ARN is known before the rule exists. With the rule's URN, the permission still depends on the rule.
        sourceArn: pulumi.all([placeOf(opts).arn("events", `rule/${ruleName}`), rule.urn]).apply(([known]) => known),
      },
      { parent: this },
    );
    // EventBridge silently drops a run that it has no permission for, so the permission is created first.
    new aws.cloudwatch.EventTarget(
      name,
      { rule: rule.name, arn: target.function.arn },
      { parent: this, dependsOn: permission },
    );
    this.registerOutputs();
  }
}

/** EventBridge rejects both `rate(1 minutes)` and `rate(5 minute)`. */
function rate(name: string, minutes: number): string {
  if (!Number.isInteger(minutes) || minutes < 1) {
    throw new pulumi.RunError(
      `the schedule "${name}" has the interval ${minutes} minutes: set a whole number of minutes, 1 or more`,
    );
  }
  return minutes === 1 ? "rate(1 minute)" : `rate(${minutes} minutes)`;
}
