/** Makes the warden a moderator of the rooms, as an operator does. */
import type { Plan } from "../deeds.ts";
import { WARDEN } from "../plan.ts";
import type { World } from "../world.ts";

export async function appointWarden(world: World, { rooms }: Plan): Promise<void> {
  const table = world.functions.variable("ban", "CONNECTIONS_TABLE");
  // The row's layout is that of chat/rooms/roles.ts.
  const rows = rooms.map((room) => ({
    pk: { S: `ROLES#${room}` },
    sk: { S: `USER#${WARDEN.user}` },
    role: { S: "moderator" },
  }));
  const RequestItems = { [table]: rows.map((Item) => ({ PutRequest: { Item } })) };
  await world.store.call("BatchWriteItem", JSON.stringify({ RequestItems }));
}
