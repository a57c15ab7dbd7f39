/** Silent connections in a room, enough of them to make a fan-out continue in other functions. */

import type { Plan } from "../deeds.ts";
import type { Line } from "../line.ts";
import type { World } from "../world.ts";

const USER = "crowd";

/** Maximum number of writes in one `BatchWriteItem`. */
const BATCH = 25;

/** The client's end of each of these connections: it ignores all posts. */
const DEAF = { client: USER, toClient() {}, closeClient() {} } as unknown as Line;

export async function gatherCrowd(world: World, { crowd, rooms: [room = ""] }: Plan): Promise<void> {
  const now = world.clock.now();
  const expiresAt = now + 7_200_000;
  const rows = Array.from({ length: crowd }, (_, i) => {
    const connection = world.gateway.add(DEAF, `crowd#${i}`, USER, expiresAt);
    connection.isOpen = true;
    return rowsOf(connection.id, room, now, expiresAt);
  }).flat();
  const table = world.functions.variable("sendMessage", "CONNECTIONS_TABLE");
  for (let done = 0; done < rows.length; done += BATCH) {
    const RequestItems = { [table]: rows.slice(done, done + BATCH).map((Item) => ({ PutRequest: { Item } })) };
    await world.store.call("BatchWriteItem", JSON.stringify({ RequestItems }));
  }
}

/** Rows as chat/connections/connections.ts lays them out. */
function rowsOf(id: string, room: string, connectedAt: number, tokenExpiresAt: number): object[] {
  const facts = {
    connectionId: { S: id },
    user: { M: { id: { S: USER }, name: { S: "Crowd" } } },
    connectedAt: { N: String(connectedAt) },
    tokenExpiresAt: { N: String(tokenExpiresAt) },
    expiresAt: { N: String(Math.floor(tokenExpiresAt / 1000)) },
  };
  const [connection, roomKey] = [{ S: `CONN#${id}` }, { S: `ROOM#${room}` }];
  return [
    { pk: connection, sk: { S: "#" }, ...facts },
    { pk: connection, sk: roomKey, ...facts },
    { pk: roomKey, sk: connection, ...facts },
  ];
}
