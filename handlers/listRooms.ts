import { whileTokenHolds } from "../chat/identity/caller";
import { headsOf } from "../chat/log/heads";
import { resource } from "../chat/resource";
import { markedRooms } from "../chat/rooms/readMarkers";
import { fitting } from "../protocol/frameSize";
import { ListRooms } from "../protocol/requests";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses & { CONNECTIONS_TABLE: "GetItem" | "Query"; MESSAGES_TABLE: "BatchGetItem" };

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const messages = resource<Uses, "MESSAGES_TABLE">("MESSAGES_TABLE");

/** `listRooms`: the caller's rooms, and how much of each is unread. */
export const listRooms = messageRoute(whileTokenHolds(connections), ListRooms, async ({ id, after }, { user }) => {
  const marked = await markedRooms(connections, user.id, after);
  const heads = await headsOf(
    messages,
    marked.rooms.map(({ room }) => room),
  );
  const rooms = marked.rooms.map(({ room, readThrough: read }) => {
    const head = heads[room] as number;
    return { room, head, read, unread: Math.max(0, head - read) };
  });
  const count = fitting({}, rooms);
  const more = marked.more || count < rooms.length;
  return { answer: { type: "rooms", id, rooms: rooms.slice(0, count), more }, did: "listed" };
});
