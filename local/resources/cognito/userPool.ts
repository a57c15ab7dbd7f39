/** A user pool is registered, and its tokens come from the local issuer. */
import type { Draft } from "../../draft.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Made, Place, Resource } from "../model.ts";

export function outputs({ urn }: { urn: string }, { region, arnOf }: Place): Made {
  const id = `${region}_${stableId(urn, LOWERCASE, 9)}`;
  return { id, arn: arnOf("cognito-idp", `userpool/${id}`), endpoint: `cognito-idp.${region}.amazonaws.com/${id}` };
}

export function serve({ id }: Resource, draft: Draft): void {
  draft.userPools.add(id);
}
