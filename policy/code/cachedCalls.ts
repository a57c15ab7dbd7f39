/** What code calls, read once: two rules ask, functions share code, and nothing else here takes as long. */
import type { Catalog } from "@serverless-chat/iam";
import { type SdkCalls, sdkCallsOf } from "./sdkCalls.ts";

const known = new Map<string, SdkCalls>();

const keyOf = (code: string[]) => code.join("\0");

/** Keeps what was read elsewhere. */
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
