import type { Draft } from "../../draft.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Made, Place, Resource } from "../model.ts";
import { cloudFrontArn, cloudFrontId } from "./ids.ts";

export function outputs({ urn }: { urn: string }, { accountId }: Place): Made {
  const id = cloudFrontId(urn);
  return {
    id,
    arn: cloudFrontArn(accountId, `distribution/${id}`),
    domainName: `d${stableId(urn, LOWERCASE, 13)}.cloudfront.net`,
  };
}

export function serve({ id }: Resource, draft: Draft): void {
  draft.warnOnce(`the distribution ${id} is not served: the local cloud has no CloudFront`);
}
