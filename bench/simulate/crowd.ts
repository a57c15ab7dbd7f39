/** Room members without a client: copies of a real member's row, whose connections are always open. */
import type { SimulatedCloud } from "./cloud.ts";
import { connectionIdBy, userIdBy } from "./identities.ts";

/** Maximum number of writes per call: DynamoDB's limit. */
const MAX_BATCH = 25;

const DAY_SECONDS = 86_400;

type Item = Record<string, unknown>;

/** A real member's row in a room. */
export async function memberRow(cloud: SimulatedCloud, room: string): Promise<Item> {
  const request = {
    TableName: cloud.variable("hello", "CONNECTIONS_TABLE"),
    KeyConditionExpression: "pk = :pk AND begins_with(sk, :connection)",
    ExpressionAttributeValues: { ":pk": { S: `ROOM#${room}` }, ":connection": { S: "CONN#" } },
    Limit: 1,
  };
  const { body } = await cloud.store.call("Query", JSON.stringify(request));
  const [item] = (JSON.parse(body) as { Items: Item[] }).Items;
  if (item === undefined) throw new Error(`nobody is in the room ${room}`);
  return item;
}

/** Adds this many members to a room. */
export async function addCrowd(cloud: SimulatedCloud, room: string, count: number, model: Item): Promise<void> {
  const table = cloud.variable("hello", "CONNECTIONS_TABLE");
  const now = Math.floor(cloud.clock.now() / 1_000);
  const items = Array.from({ length: count }, () => {
    const id = connectionIdBy(cloud.dice);
    return {
      ...model,
      pk: { S: `ROOM#${room}` },
      sk: { S: `CONN#${id}` },
      connectionId: { S: id },
      user: { M: { id: { S: userIdBy(cloud.dice) }, name: { S: "Ana Maria Delgado" } } },
      expiresAt: { N: String(now + DAY_SECONDS) },
    };
  });
  for (let done = 0; done < items.length; done += MAX_BATCH) {
    const batch = items.slice(done, done + MAX_BATCH).map((Item) => ({ PutRequest: { Item } }));
    const { status, body } = await cloud.store.call(
      "BatchWriteItem",
      JSON.stringify({ RequestItems: { [table]: batch } }),
    );
    if (status !== 200) throw new Error(`members could not be added: ${body}`);
  }
}
