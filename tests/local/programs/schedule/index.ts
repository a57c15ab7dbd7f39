/** A fixture program with rules that run functions and rules that run nothing. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { CallbackFunction } from "../../../../components/CallbackFunction";
import { Schedule } from "../../../../components/Schedule";

/** Creates a function that logs its event. */
function createFunction(name: string) {
  return new CallbackFunction<Record<never, never>>(name, {
    callback: async (event) => console.log(JSON.stringify({ event })),
    uses: {},
  });
}

interface RuleArgs extends aws.cloudwatch.EventRuleArgs {
  target: CallbackFunction<Record<never, never>>;
  input?: string;
  /** Name of the rule that the permission lets invoke the function. @default this rule's name */
  permitted?: string | undefined;
}

function createRule(name: string, { target, input, permitted = name, ...args }: RuleArgs): void {
  const rule = new aws.cloudwatch.EventRule(name, { name, ...args });
  new aws.lambda.Permission(name, {
    action: "lambda:InvokeFunction",
    function: target.function.name,
    principal: "events.amazonaws.com",
    sourceArn: rule.arn.apply((arn) => arn.replace(/[^/]+$/, permitted)),
  });
  new aws.cloudwatch.EventTarget(name, {
    rule: rule.name,
    arn: target.function.arn,
    ...(input === undefined ? {} : { input }),
  });
}

new Schedule("minutely", { everyMinutes: 1, target: createFunction("minutely") });
new Schedule("rare", { everyMinutes: 5, target: createFunction("rare") });

createRule("given", {
  scheduleExpression: "rate(1 hour)",
  target: createFunction("given"),
  input: JSON.stringify({ color: "green" }),
});
createRule("failing", {
  scheduleExpression: "rate(1 day)",
  target: new CallbackFunction<Record<never, never>>("failing", {
    callback: async (event) => {
      console.log(JSON.stringify({ event }));
      throw new Error("the tray is empty");
    },
    uses: {},
  }),
});

const everyMinute = { scheduleExpression: "rate(1 minute)" };
createRule("disabled", { ...everyMinute, state: "DISABLED", target: createFunction("disabled") });
createRule("misdirected", { ...everyMinute, permitted: "another", target: createFunction("misdirected") });
createRule("nightly", { scheduleExpression: "cron(0 3 * * ? *)", target: createFunction("nightly") });

const unpermitted = new aws.cloudwatch.EventRule("unpermitted", { name: "unpermitted", ...everyMinute });
new aws.cloudwatch.EventTarget("unpermitted", {
  rule: unpermitted.name,
  arn: createFunction("unpermitted").function.arn,
});

const malformed = new pulumi.Config().get("malformed");
if (malformed !== undefined) {
  new aws.cloudwatch.EventRule("malformed", { name: "malformed", scheduleExpression: malformed });
}
const everyMinutes = new pulumi.Config().getNumber("everyMinutes");
if (everyMinutes !== undefined) {
  new Schedule("odd", { everyMinutes, target: createFunction("odd") });
}
