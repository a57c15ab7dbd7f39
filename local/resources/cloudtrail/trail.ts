/** A trail can be registered, but the local cloud records nothing in it. */
import type { Inputs, Made, Place } from "../model.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }, place: Place): Made {
  const trailName = inputs.name ?? name;
  const arn = place.arnOf("cloudtrail", `trail/${trailName}`);
  return { id: arn, arn, name: trailName, homeRegion: place.region };
}
