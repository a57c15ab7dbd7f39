/** Writes on a condition, and the row that stood in their way. */
import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { dynamodb } from "./dynamodb";
import type { Resource } from "./resource";

export type Row = Record<string, unknown>;

/** What a failed condition met: the row, or nothing where none was. */
export class ConditionFailed {
  readonly row: Row | undefined;

  constructor(row: Row | undefined) {
    this.row = row;
  }
}

/** Puts a row where none is. @returns the row that was there before; undefined when the put was done */
export async function putIfAbsent(table: Resource<"PutItem">, row: Row): Promise<Row | undefined> {
  const failed = await conditional(
    dynamodb.send(
      new PutCommand({
        TableName: table,
        Item: row,
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    ),
  );
  return failed?.row;
}

/** Sets one attribute where the condition on it holds. @returns undefined when it was set */
export function setIf(
  table: Resource<"UpdateItem">,
  key: { pk: string; sk: string | number },
  attribute: string,
  value: unknown,
  condition: { expression: string; values?: Row },
): Promise<ConditionFailed | undefined> {
  return conditional(
    dynamodb.send(
      new UpdateCommand({
        TableName: table,
        Key: key,
        UpdateExpression: "SET #attribute = :value",
        ConditionExpression: condition.expression,
        ExpressionAttributeNames: { "#attribute": attribute },
        ExpressionAttributeValues: { ":value": value, ...condition.values },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    ),
  );
}

async function conditional(write: Promise<unknown>): Promise<ConditionFailed | undefined> {
  try {
    await write;
    return undefined;
  } catch (error) {
    const { name, Item } = error as Error & { Item?: Parameters<typeof unmarshall>[0] };
    if (name !== "ConditionalCheckFailedException") throw error;
    // The document client leaves what comes with an error as DynamoDB wrote it.
    return new ConditionFailed(Item === undefined ? undefined : unmarshall(Item));
  }
}
