import { stableId, UPPERCASE } from "../../stableId.ts";

/** An id in CloudFront's format, such as `E1A2…`. */
export function cloudFrontId(urn: string): string {
  return `E${stableId(urn, UPPERCASE, 13)}`;
}

/** CloudFront ARNs have no Region. */
export function cloudFrontArn(accountId: string, resource: string): string {
  return `arn:aws:cloudfront::${accountId}:${resource}`;
}
