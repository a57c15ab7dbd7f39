import { stableId, UPPERCASE } from "../../stableId.ts";

/** `E1A2…`, as CloudFront names what it makes. */
export function cloudFrontId(urn: string): string {
  return `E${stableId(urn, UPPERCASE, 13)}`;
}

/** CloudFront is in no Region. */
export function cloudFrontArn(accountId: string, resource: string): string {
  return `arn:aws:cloudfront::${accountId}:${resource}`;
}
