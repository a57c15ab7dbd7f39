/**
 * Conditional writes. They return the row that failed the condition, except `deleteIf`, which only says that there was
 * one.
 */
import { DeleteCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Resource } from "../resource";
import { dynamodb } from "./client";

export type Row = Record<string, unknown>;

/** The row that failed a condition; undefined if there was none. */
export class ConditionFailed {
  readonly row: Row | undefined;

  constructor(row: Row | undefined) {
    this.row = row;
  }
}

/** Puts a row if none exists. @returns the existing row; undefined if the put was done */
export async function putIfAbsent(table: Resource<"PutItem">, row: object): Promise<Row | undefined> {
  return (await putIf(table, row, { condition: "attribute_not_exists(pk)" }))?.row;
}

/** Puts a row if the condition on the existing row holds. @returns undefined if it was put */
export function putIf(
  table: Resource<"PutItem">,
  row: object,
  { condition, values }: { condition: string; values?: Row },
): Promise<ConditionFailed | undefined> {
  return conditional(
    dynamodb.send(
      new PutCommand({
        TableName: table,
        Item: row,
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    ),
  );
}

/** Deletes a row if the condition on it holds. @returns undefined if it was deleted */
export function deleteIf(
  table: Resource<"DeleteItem">,
  key: { pk: string; sk: string | number },
  { condition, values }: { condition: string; values?: Row },
): Promise<ConditionFailed | undefined> {
  return conditional(
    dynamodb.send(
      new DeleteCommand({
        TableName: table,
        Key: key,
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
      }),
    ),
  );
}

/** A change to one row, and its condition. */
export interface ConditionalUpdate {
  /** Update expression. */
  update: string;
  /** Condition expression. */
  condition: string;
  names?: Record<string, string>;
  values: Row;
}

/** Changes a row if the condition on it holds. @returns undefined if it was changed */
export function updateIf(
  table: Resource<"UpdateItem">,
  key: { pk: string; sk: string | number },
  { update, condition, names, values }: ConditionalUpdate,
): Promise<ConditionFailed | undefined> {
  return conditional(
    dynamodb.send(
      new UpdateCommand({
        TableName: table,
        Key: key,
        UpdateExpression: update,
        ConditionExpression: condition,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    ),
  );
}

/** Sets one attribute if the condition on it holds. @returns undefined if it was set */
export function setIf(
  table: Resource<"UpdateItem">,
  key: { pk: string; sk: string | number },
  attribute: string,
  value: unknown,
  condition: { expression: string; values?: Row },
): Promise<ConditionFailed | undefined> {
  return updateIf(table, key, {
    update: "SET #attribute = :value",
    condition: condition.expression,
    names: { "#attribute": attribute },
    values: { ":value": value, ...condition.values },
  });
}

async function conditional(write: Promise<unknown>): Promise<ConditionFailed | undefined> {
  try {
    await write;
    return undefined;
  } catch (error) {
    const { name, Item } = error as Error & { Item?: Parameters<typeof unmarshall>[0] };
    if (name !== "ConditionalCheckFailedException") throw error;
    // The document client doesn't convert the item that an error contains.
    return new ConditionFailed(Item === undefined ? undefined : unmarshall(Item));
  }
}
