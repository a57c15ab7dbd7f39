import type { Inputs } from "../model.ts";

/** The bus that a rule belongs to; only the one that each account has runs schedules. */
export function busOf({ eventBusName = "default" }: Inputs): string {
  return eventBusName.replace(/^arn:.*:event-bus\//, "");
}

/** The last part of a rule's ARN: `rule/NAME`, and `rule/BUS/NAME` on a bus of one's own. */
export function qualifiedRule(bus: string, rule: string): string {
  return bus === "default" ? `rule/${rule}` : `rule/${bus}/${rule}`;
}
