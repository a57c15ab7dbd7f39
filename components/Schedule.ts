import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { CallbackFunction } from "./CallbackFunction";
import { resourceName } from "./names";
import { placeOf } from "./place";
import { type TaggedArgs, tagsOf } from "./tags";

/** Arguments of `Schedule`. */
export interface ScheduleArgs extends TaggedArgs {
  /** Whole minutes between two runs, from 1; the first comes so long after the schedule is made. */
  everyMinutes: pulumi.Input<number>;
  /** What runs. It is invoked asynchronously: a run that fails is tried again. */
  // biome-ignore lint/suspicious/noExplicitAny: a schedule does not care what its function uses
  target: CallbackFunction<any>;
}

/** Runs a function again and again: a rule of EventBridge, and the right to invoke this function for this rule. */
export class Schedule extends pulumi.ComponentResource {
  /** @throws pulumi.RunError when `everyMinutes` is no whole number from 1 */
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
        // Known before the rule is there, and still what comes from it.
        sourceArn: pulumi.all([placeOf(opts).arn("events", `rule/${ruleName}`), rule.urn]).apply(([known]) => known),
      },
      { parent: this },
    );
    // A run that may not invoke its function is lost, and nothing says so: the permission comes first.
    new aws.cloudwatch.EventTarget(
      name,
      { rule: rule.name, arn: target.function.arn },
      { parent: this, dependsOn: permission },
    );
    this.registerOutputs();
  }
}

/** EventBridge refuses `rate(1 minutes)` as well as `rate(5 minute)`. */
function rate(name: string, minutes: number): string {
  if (!Number.isInteger(minutes) || minutes < 1) {
    throw new pulumi.RunError(
      `the schedule "${name}" is to run every ${minutes} minutes: give a whole number of minutes, 1 or more`,
    );
  }
  return minutes === 1 ? "rate(1 minute)" : `rate(${minutes} minutes)`;
}
