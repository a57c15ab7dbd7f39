/**
 * Who is connected. A connection's rows stand under `CONN#<id>`: one for itself (`sk` = `#`) and one for each room it
 * is in (`ROOM#<room>`), which stands a second time under `ROOM#<room>` / `CONN#<id>` for the fan-out to read.
 * One Query by connection so finds all that has to go with it.
 */
import { BatchWriteCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { User } from "../protocol/responses";
import { dynamodb } from "./dynamodb";
import type { Resource } from "./resource";

export const LOBBY = "lobby";

/** API Gateway ends a connection after 2 h; what is still there 10 minutes later belongs to nobody. */
const CONNECTION_TTL_SECONDS = 2 * 3600 + 600;

export interface Connection {
  id: string;
  user: User;
  /** Milliseconds since 1970, by API Gateway. */
  connectedAt: number;
  /** Past it nothing is accepted from it and nothing delivered to it; milliseconds since 1970. */
  tokenExpiresAt: number;
}

/** A connection as a member of a room. */
export type Member = Pick<Connection, "id" | "connectedAt">;

/** Stores a connection and puts it into the lobby. */
export async function addConnection(table: Resource<"BatchWriteItem">, added: Connection): Promise<void> {
  const { id, ...facts } = added;
  const expiresAt = Math.floor(added.connectedAt / 1000) + CONNECTION_TTL_SECONDS;
  const row = { connectionId: id, ...facts, expiresAt };
  const [connection, lobby] = [`CONN#${id}`, `ROOM#${LOBBY}`];
  await write(table, [
    { PutRequest: { Item: { pk: connection, sk: "#", ...row } } },
    { PutRequest: { Item: { pk: connection, sk: lobby, ...row } } },
    { PutRequest: { Item: { pk: lobby, sk: connection, ...row } } },
  ]);
}

/** Removes a connection from everywhere; one that is not there is no error. */
export async function removeConnection(table: Resource<"Query" | "BatchWriteItem">, id: string): Promise<void> {
  const keys = await keysOf(table, id);
  await write(
    table,
    keys.map((Key) => ({ DeleteRequest: { Key } })),
  );
}

/** Puts the end of a newer token on a connection and its memberships; what is gone meanwhile stays gone. */
export async function renewToken(
  table: Resource<"Query" | "UpdateItem">,
  id: string,
  tokenExpiresAt: number,
): Promise<void> {
  for (const Key of await keysOf(table, id)) {
    const renewal = dynamodb.send(
      new UpdateCommand({
        TableName: table,
        Key,
        UpdateExpression: "SET tokenExpiresAt = :at",
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeValues: { ":at": tokenExpiresAt },
      }),
    );
    await renewal.catch(ignoreMissing);
  }
}

/**
 * The members of a room that may be posted to, page by page. Rows past their TTL are left out, for DynamoDB deletes
 * them days later.
 */
export async function* membersOf(table: Resource<"Query">, room: string, now: number): AsyncGenerator<Member[]> {
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "pk = :pk",
        FilterExpression: "expiresAt > :seconds AND tokenExpiresAt > :now",
        ExpressionAttributeValues: { ":pk": `ROOM#${room}`, ":seconds": Math.floor(now / 1000), ":now": now },
        ExclusiveStartKey: start,
      }),
    );
    yield Items.map(({ connectionId, connectedAt }) => ({ id: connectionId, connectedAt }) as Member);
    start = LastEvaluatedKey;
  } while (start !== undefined);
}

interface Key {
  pk: string;
  sk: string;
}

/** Of all rows of a connection, its own first. */
async function keysOf(table: Resource<"Query">, id: string): Promise<Key[]> {
  const connection = `CONN#${id}`;
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": connection },
    }),
  );
  const rooms = Items.map(({ sk }) => sk as string).filter((sk) => sk !== "#");
  const memberships = rooms.flatMap((room) => [
    { pk: connection, sk: room },
    { pk: room, sk: connection },
  ]);
  return [{ pk: connection, sk: "#" }, ...memberships];
}

function ignoreMissing(error: Error): void {
  if (error.name !== "ConditionalCheckFailedException") throw error;
}

type WriteRequest = { PutRequest: { Item: object } } | { DeleteRequest: { Key: Key } };

/** DynamoDB takes 25 writes at a time, and may hand some of them back when it is busy. */
async function write(table: Resource<"BatchWriteItem">, requests: WriteRequest[]): Promise<void> {
  let waiting = requests as unknown as Record<string, unknown>[];
  for (let attempt = 0; waiting.length > 0; attempt++) {
    if (attempt === 8) throw new Error("DynamoDB did not take all writes of a batch in 8 attempts");
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 2 ** attempt * 10));
    const { UnprocessedItems } = await dynamodb.send(
      new BatchWriteCommand({ RequestItems: { [table]: waiting.slice(0, 25) } }),
    );
    waiting = [...(UnprocessedItems?.[table] ?? []), ...waiting.slice(25)];
  }
}
