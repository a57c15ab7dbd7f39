import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }, place: Place): Made {
  const busName = inputs.name ?? name;
  return { id: busName, name: busName, arn: place.arnOf("events", `event-bus/${busName}`) };
}

export function serve({ id }: Resource, draft: Draft): void {
  draft.eventBuses.add(id);
}
