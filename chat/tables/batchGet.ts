import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import type { Resource } from "../resource";
import { pauseBeforeRetry } from "./busyTable";
import { dynamodb } from "./client";
import type { Row } from "./conditionalWrite";

/**
 * Reads the existing rows with these keys, with a consistent read and in no particular order. Keys that DynamoDB
 * returns unprocessed, because it is busy, are requested again.
 *
 * @param keys at most 100, DynamoDB's limit for one call
 * @throws Error if DynamoDB processes no key several times in a row
 */
export async function batchGet(table: Resource<"BatchGetItem">, keys: Row[]): Promise<Row[]> {
  const rows: Row[] = [];
  let waiting = keys;
  let refusals = 0;
  while (waiting.length > 0) {
    const { Responses, UnprocessedKeys } = await dynamodb.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: waiting, ConsistentRead: true } } }),
    );
    rows.push(...(Responses?.[table] ?? []));
    const unprocessed = UnprocessedKeys?.[table]?.Keys ?? [];
    refusals = unprocessed.length < waiting.length ? 0 : refusals + 1;
    waiting = unprocessed;
    if (unprocessed.length > 0) await pauseBeforeRetry(refusals);
  }
  return rows;
}
