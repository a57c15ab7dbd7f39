import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }, place: Place): Made {
  const groupName = inputs.name ?? name;
  return { id: groupName, name: groupName, arn: place.arnOf("logs", `log-group:${groupName}`) };
}

export function serve({ id }: Resource, draft: Draft): void {
  draft.logGroups.add(id);
}
