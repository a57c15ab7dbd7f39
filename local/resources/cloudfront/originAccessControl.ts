import type { Made, Place } from "../model.ts";
import { cloudFrontArn, cloudFrontId } from "./ids.ts";

export function outputs({ urn }: { urn: string }, { accountId }: Place): Made {
  const id = cloudFrontId(urn);
  return { id, arn: cloudFrontArn(accountId, `origin-access-control/${id}`) };
}
