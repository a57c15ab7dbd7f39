import { invokeTargets, type TargetPlace } from "../schedules/invokeTargets.ts";
import type { Rule } from "../schedules/rule.ts";
import { matches } from "./pattern.ts";

export interface BusPlace extends TargetPlace {
  /** Rules by ARN. */
  readonly rules: ReadonlyMap<string, Rule>;
}

/** Sends an event on a bus to the targets of all matching rules. */
export function putEvent(bus: string, event: object, place: BusPlace): void {
  for (const rule of place.rules.values()) {
    if (rule.bus === bus && rule.pattern !== undefined && matches(rule.pattern, event))
      invokeTargets(rule, event, place);
  }
}
