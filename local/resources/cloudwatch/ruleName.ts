import type { Inputs } from "../model.ts";

/** A rule's bus. Only the account's default bus runs schedules. */
export function busOf({ eventBusName = "default" }: Inputs): string {
  return eventBusName.replace(/^arn:.*:event-bus\//, "");
}

/** The last part of a rule's ARN: `rule/NAME`, or `rule/BUS/NAME` on a custom bus. */
export function qualifiedRule(bus: string, rule: string): string {
  return bus === "default" ? `rule/${rule}` : `rule/${bus}/${rule}`;
}
