import type { Draft } from "../../draft.ts";
import { parsePattern } from "../../eventBus/pattern.ts";
import { Rule } from "../../schedules/rule.ts";
import { scheduleOf } from "../../schedules/scheduleExpression.ts";
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

export async function serve({ id, inputs }: Resource, draft: Draft): Promise<void> {
  const { scheduleExpression, eventPattern, state = "ENABLED", isEnabled = true } = inputs;
  const name = id.split("/").at(-1) as string;
  const bus = busOf(inputs);
  if (!scheduleExpression && !eventPattern) {
    throw new Error("ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.");
  }
  if (scheduleExpression && bus !== "default") {
    throw new Error("ValidationException: ScheduleExpression is supported only on the default event bus.");
  }
  const schedule = scheduleExpression ? await scheduleOf(scheduleExpression) : undefined;
  const isOff = state === "DISABLED" || !isEnabled;
  const pattern = eventPattern ? parsePattern(eventPattern) : undefined;
  const rule = new Rule(name, draft.arnOf("events", qualifiedRule(bus, name)), isOff ? undefined : schedule, {
    bus,
    pattern: isOff ? undefined : pattern,
  });
  draft.rules.set(rule.arn, rule);
}
