import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { Resource } from "../resource";
import { pauseBeforeRetry } from "./busyTable";
import { dynamodb } from "./client";

/** Key of a row of the connections table, whose keys are strings. */
export interface Key {
  pk: string;
  sk: string;
}

export type WriteRequest = { PutRequest: { Item: object } } | { DeleteRequest: { Key: Key } };

/** Maximum number of writes per call: DynamoDB's limit. */
const MAX_BATCH = 25;

/**
 * Makes these writes in batches, one after the other. DynamoDB may return some writes unprocessed while it is busy; the
 * next batch includes them.
 *
 * @throws Error if DynamoDB processes no write several times in a row; earlier writes stay written
 */
export async function batchWrite(table: Resource<"BatchWriteItem">, requests: WriteRequest[]): Promise<void> {
  let waiting = requests as unknown as Record<string, unknown>[];
  let refusals = 0;
  while (waiting.length > 0) {
    const batch = waiting.slice(0, MAX_BATCH);
    const { UnprocessedItems } = await dynamodb.send(new BatchWriteCommand({ RequestItems: { [table]: batch } }));
    const unprocessed = UnprocessedItems?.[table] ?? [];
    waiting = [...unprocessed, ...waiting.slice(MAX_BATCH)];
    refusals = unprocessed.length < batch.length ? 0 : refusals + 1;
    if (unprocessed.length > 0) await pauseBeforeRetry(refusals);
  }
}
