/** Determines which data the local cloud would lose in a program's next run. */
import { isDeepStrictEqual } from "node:util";
import type { Definitions } from "./definitions.ts";
import type { Draft } from "./draft.ts";

/**
 * Describes what would be lost by applying a draft.
 *
 * @example ["the table chat-dev-messages with all its items"]
 */
export function lossesOf(served: Definitions, draft: Draft): string[] {
  const buckets = [...served.buckets.values()].filter(
    ({ name, hasOwnObjects }) => hasOwnObjects && !draft.buckets.has(name),
  );
  return [
    ...tablesLost(served, draft).map((name) => `the table ${name} with all its items`),
    ...buckets.map(({ name }) => `the bucket ${name} with all its objects`),
  ];
}

/** The names of the served tables that the draft doesn't have, or has with a different key. */
export function tablesLost(served: Definitions, draft: Draft): string[] {
  return [...served.tables.values()]
    .filter(({ TableName, KeySchema }) => !isDeepStrictEqual(KeySchema, draft.tables.get(TableName)?.KeySchema))
    .map(({ TableName }) => TableName);
}
