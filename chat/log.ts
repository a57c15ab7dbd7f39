/** A room's log: positions from a counter, each written once. Reads and writes are described in docs/protocol.md. */
import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { MessageEntry } from "../protocol/responses";
import { dynamodb } from "./dynamodb";
import type { Resource } from "./resource";

/** Entries of one partition; a partition of DynamoDB takes 1,000 writes a second. */
const ENTRIES_PER_PARTITION = 10_000;

/** Appends a message to a room's log; when it returns, the entry is durable. */
export async function append(
  table: Resource<"UpdateItem" | "PutItem">,
  room: string,
  message: Omit<MessageEntry, "seq" | "sentAt">,
): Promise<MessageEntry> {
  const sentAt = Date.now();
  const { Attributes } = await dynamodb.send(
    new UpdateCommand({
      TableName: table,
      Key: { pk: `META#${room}`, sk: 0 },
      UpdateExpression: "SET headAt = :now ADD head :one",
      ExpressionAttributeValues: { ":now": sentAt, ":one": 1 },
      ReturnValues: "UPDATED_NEW",
    }),
  );
  const entry: MessageEntry = { ...message, seq: Attributes?.head as number, sentAt };
  const { seq, ...rest } = entry;
  await dynamodb.send(
    new PutCommand({
      TableName: table,
      Item: { pk: `ROOM#${room}#${Math.floor(seq / ENTRIES_PER_PARTITION)}`, sk: seq, ...rest },
      ConditionExpression: "attribute_not_exists(pk)",
    }),
  );
  return entry;
}
