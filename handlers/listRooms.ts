import { whileTokenHolds } from "../chat/identity/caller";
import { EXPENSIVE } from "../chat/limits/frameBudget";
import { headsOf } from "../chat/log/heads";
import { markedRooms } from "../chat/rooms/readMarkers";
import { rolesIn } from "../chat/rooms/roles";
import { rightsOf } from "../chat/rooms/roomPolicy";
import { fitting } from "../protocol/frameSize";
import { ListRooms } from "../protocol/requests";
import { environment } from "./environment";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"GetItem" | "BatchGetItem" | "Query"> & {
  MESSAGES_TABLE: "BatchGetItem";
};

const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages } = environment<Uses>();

/** `listRooms`: the caller's rooms, and how much of each is unread; of a room that they may not read, nothing. */
export const listRooms = messageRoute({
  admits: whileTokenHolds(connections),
  schema: ListRooms,
  points: EXPENSIVE,
  async run({ id, after }, { user }) {
    const marked = await markedRooms(connections, user.id, after);
    const names = marked.rooms.map(({ room }) => room);
    const [roles, heads] = await Promise.all([rolesIn(connections, names, user.id), headsOf(messages, names)]);
    const rooms = marked.rooms
      .filter(({ room }) => rightsOf(room, roles.get(room)).read)
      .map(({ room, readThrough: read }) => {
        const head = heads[room] as number;
        return { room, head, read, unread: Math.max(0, head - read) };
      });
    const count = fitting({}, rooms);
    const more = marked.more || count < rooms.length;
    return { answer: { type: "rooms", id, rooms: rooms.slice(0, count), more }, did: "listed" };
  },
});
