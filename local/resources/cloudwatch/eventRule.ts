import type { Cloud } from "../../cloud.ts";
import { invokeTargets } from "../../schedules/invokeTargets.ts";
import { Rule } from "../../schedules/rule.ts";
import { periodOf } from "../../schedules/scheduleExpression.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";
import { busOf, qualifiedRule } from "./ruleName.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }, place: Place): Made {
  const ruleName = inputs.name ?? name;
  const bus = busOf(inputs);
  return {
    id: bus === "default" ? ruleName : `${inputs.eventBusName}/${ruleName}`,
    name: ruleName,
    arn: place.arnOf("events", qualifiedRule(bus, ruleName)),
  };
}

export function serve({ id, inputs }: Resource, cloud: Cloud): void {
  const { scheduleExpression, eventPattern, state = "ENABLED", isEnabled = true } = inputs;
  const name = id.split("/").at(-1) as string;
  const bus = busOf(inputs);
  const rule = new Rule(name, cloud.arnOf("events", qualifiedRule(bus, name)));
  if (!scheduleExpression && !eventPattern) {
    throw new Error("ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.");
  }
  if (scheduleExpression && bus !== "default") {
    throw new Error("ValidationException: ScheduleExpression is supported only on the default event bus.");
  }
  const periodMs = scheduleExpression ? periodOf(scheduleExpression) : undefined;
  cloud.rules.set(rule.arn, rule);
  if (state === "DISABLED" || !isEnabled) return;
  if (eventPattern) {
    cloud.report({ event: "warning", message: `the rule ${name} matches events: only schedules run here` });
  }
  if (periodMs !== undefined) {
    rule.start(periodMs, cloud.clock, (scheduledAt) => invokeTargets(rule, scheduledAt, cloud));
  } else if (scheduleExpression) {
    const message = `the rule ${name} has ${scheduleExpression}: only rate(…) runs here, it invokes nothing`;
    cloud.report({ event: "warning", message });
  }
}
