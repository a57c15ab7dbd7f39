/** Caches the AWS calls in code, because two rules need them, functions share code, and parsing is the slowest step. */
import type { Catalog } from "@serverless-chat/iam";
import { type SdkCalls, sdkCallsOf } from "./sdkCalls.ts";

const known = new Map<string, SdkCalls>();

const keyOf = (code: string[]) => code.join("\0");

/** Caches calls that another thread extracted. */
export function keep(code: string[], calls: SdkCalls): void {
  known.set(keyOf(code), calls);
}

export function callsOf(code: string[], catalog: Catalog): SdkCalls {
  const calls = known.get(keyOf(code));
  if (calls !== undefined) return calls;
  const read = sdkCallsOf(code, catalog);
  keep(code, read);
  return read;
}
