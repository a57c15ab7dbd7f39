import { whileTokenHolds } from "../chat/identity/caller";
import { headsOf } from "../chat/log/heads";
import { resource } from "../chat/resource";
import { roomsAmong } from "../chat/rooms/members";
import { Ping } from "../protocol/requests";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses & { CONNECTIONS_TABLE: "GetItem"; MESSAGES_TABLE: "BatchGetItem" };

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const messages = resource<Uses, "MESSAGES_TABLE">("MESSAGES_TABLE");

/**
 * `ping`: says that the way to a function and back is open, keeps the connection from idling out, and says where the
 * logs of the named rooms end, so that a push that was lost is missed.
 */
export const ping = messageRoute(whileTokenHolds(connections), Ping, async ({ id, rooms }, { connectionId }) => {
  if (rooms.length === 0) return { answer: { type: "pong", id }, did: "answered" };
  const heads = await headsOf(messages, await roomsAmong(connections, connectionId, [...new Set(rooms)]));
  return { answer: { type: "pong", id, heads }, did: "answered" };
});
