import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import type { Row } from "./conditional";
import { dynamodb } from "./dynamodb";
import type { Resource } from "./resource";

const MOST_ATTEMPTS = 8;

/**
 * The rows of these keys that are there, in no order. DynamoDB may hand some keys back when it is busy.
 *
 * @param keys 100 at most: what DynamoDB takes in one call
 */
export async function batchGet(table: Resource<"BatchGetItem">, keys: Row[]): Promise<Row[]> {
  const rows: Row[] = [];
  let waiting = keys;
  for (let attempt = 0; waiting.length > 0; attempt++) {
    if (attempt === MOST_ATTEMPTS) throw new Error(`DynamoDB did not give all rows in ${MOST_ATTEMPTS} attempts`);
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 2 ** attempt * 10));
    const { Responses, UnprocessedKeys } = await dynamodb.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: waiting, ConsistentRead: true } } }),
    );
    rows.push(...(Responses?.[table] ?? []));
    waiting = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return rows;
}
