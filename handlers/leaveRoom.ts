import { announce } from "../chat/fanOut/ephemeral";
import { whileTokenHolds } from "../chat/identity/caller";
import { resource } from "../chat/resource";
import { leave, membershipOf } from "../chat/rooms/members";
import { unlistRoom } from "../chat/rooms/readMarkers";
import { LeaveRoom } from "../protocol/requests";
import { messageRoute } from "./messageRoute";

export type Uses = {
  CONNECTIONS_TABLE: "GetItem" | "Query" | "BatchWriteItem" | "DeleteItem";
  CONNECTIONS_URL: "POST" | "DELETE";
  RATES: "setting";
};

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const posts = resource<Uses, "CONNECTIONS_URL">("CONNECTIONS_URL");

/** `leaveRoom`: once it is acknowledged no post of the room to this connection is begun, but for the page in hand. */
export const leaveRoom = messageRoute(whileTokenHolds(connections), LeaveRoom, async ({ id, room }, caller) => {
  const membership = await membershipOf(connections, caller.connectionId, room);
  await leave(connections, caller.connectionId, room);
  await unlistRoom(connections, caller.user.id, room);
  // Who was not in the room has nothing to tell its members.
  if (membership !== undefined) await announce({ connections, posts }, caller, [room], false);
  return { answer: { type: "ack", id }, did: "left" };
});
