import { awsError } from "./awsError.ts";
import type { Item } from "./dynalite.ts";

/** The TTL attribute by table. */
export type TimeToLive = Map<string, string>;

export function describeTimeToLive(ttl: TimeToLive, tableName: string): Item {
  const AttributeName = ttl.get(tableName);
  if (AttributeName === undefined) return { TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } };
  return { TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName } };
}

/** Changes the TTL attribute at once. On AWS this takes up to an hour, during which no other change is possible. */
export function updateTimeToLive(ttl: TimeToLive, tableName: string, { TimeToLiveSpecification }: Item): Item {
  const { AttributeName, Enabled } = (TimeToLiveSpecification ?? {}) as { AttributeName?: string; Enabled?: boolean };
  if (typeof AttributeName !== "string" || typeof Enabled !== "boolean") {
    throw awsError("ValidationException", "TimeToLiveSpecification must have AttributeName and Enabled");
  }
  const current = ttl.get(tableName);
  if (current !== undefined && current !== AttributeName) {
    const message = `TimeToLive is active on a different AttributeName: current AttributeName is ${current}`;
    throw awsError("ValidationException", message);
  }
  if ((current !== undefined) === Enabled) {
    throw awsError("ValidationException", `TimeToLive is already ${Enabled ? "enabled" : "disabled"}`);
  }
  if (Enabled) ttl.set(tableName, AttributeName);
  else ttl.delete(tableName);
  return { TimeToLiveSpecification: { AttributeName, Enabled } };
}
