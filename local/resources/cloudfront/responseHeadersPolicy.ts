import { stableId } from "../../stableId.ts";
import type { Made, Place } from "../model.ts";
import { cloudFrontArn } from "./ids.ts";

export function outputs({ urn }: { urn: string }, { accountId }: Place): Made {
  const digits = stableId(urn, "0123456789abcdef", 32);
  const id = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { id, arn: cloudFrontArn(accountId, `response-headers-policy/${id}`) };
}
