/**
 * Who is connected. A connection's rows stand under `CONN#<id>`: one for itself (`sk` = `#`) and one for each room it
 * is in (`ROOM#<room>`), which stands a second time under `ROOM#<room>` / `CONN#<id>` for the fan-out to read.
 * One Query by connection so finds all that has to go with it.
 */
import { BatchWriteCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
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
}

/** A connection as a member of a room. */
export type Member = Connection;

/** Stores a connection and puts it into the lobby. */
export async function addConnection(
  table: Resource<"BatchWriteItem">,
  { id, user, connectedAt }: Connection,
): Promise<void> {
  const row = {
    connectionId: id,
    user,
    connectedAt,
    expiresAt: Math.floor(connectedAt / 1000) + CONNECTION_TTL_SECONDS,
  };
  const [connection, lobby] = [`CONN#${id}`, `ROOM#${LOBBY}`];
  await write(table, [
    { PutRequest: { Item: { pk: connection, sk: "#", ...row } } },
    { PutRequest: { Item: { pk: connection, sk: lobby, ...row } } },
    { PutRequest: { Item: { pk: lobby, sk: connection, ...row } } },
  ]);
}

/** Removes a connection from everywhere; one that is not there is no error. */
export async function removeConnection(table: Resource<"Query" | "BatchWriteItem">, id: string): Promise<void> {
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
  const keys = [
    { pk: connection, sk: "#" },
    ...rooms.flatMap((room) => [
      { pk: connection, sk: room },
      { pk: room, sk: connection },
    ]),
  ];
  await write(
    table,
    keys.map((Key) => ({ DeleteRequest: { Key } })),
  );
}

/** The members of a room, page by page; rows past their TTL are left out, for DynamoDB deletes them days later. */
export async function* membersOf(table: Resource<"Query">, room: string, now: number): AsyncGenerator<Member[]> {
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "pk = :pk",
        FilterExpression: "expiresAt > :now",
        ExpressionAttributeValues: { ":pk": `ROOM#${room}`, ":now": Math.floor(now / 1000) },
        ExclusiveStartKey: start,
      }),
    );
    yield Items.map(({ connectionId, user, connectedAt }) => ({ id: connectionId, user, connectedAt }) as Member);
    start = LastEvaluatedKey;
  } while (start !== undefined);
}

type WriteRequest = { PutRequest: { Item: object } } | { DeleteRequest: { Key: object } };

/** DynamoDB takes 25 writes at a time, and may hand some of them back when it is busy. */
async function write(table: Resource<"BatchWriteItem">, requests: WriteRequest[]): Promise<void> {
  let waiting = requests as Record<string, unknown>[];
  for (let attempt = 0; waiting.length > 0; attempt++) {
    if (attempt === 8) throw new Error("DynamoDB did not take all writes of a batch in 8 attempts");
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 2 ** attempt * 10));
    const { UnprocessedItems } = await dynamodb.send(
      new BatchWriteCommand({ RequestItems: { [table]: waiting.slice(0, 25) } }),
    );
    waiting = [...(UnprocessedItems?.[table] ?? []), ...waiting.slice(25)];
  }
}
