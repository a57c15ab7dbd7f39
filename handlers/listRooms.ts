import { whileTokenHolds } from "../chat/identity/caller";
import { EXPENSIVE } from "../chat/limits/frameBudget";
import { headsOf } from "../chat/log/heads";
import { Retention } from "../chat/log/retention";
import { unreadOf } from "../chat/log/unread";
import { markedRooms } from "../chat/rooms/readMarkers";
import { rolesIn } from "../chat/rooms/roles";
import { rightsOf } from "../chat/rooms/roomPolicy";
import { fitting } from "../protocol/frameSize";
import { ListRooms } from "../protocol/requests";
import { environment } from "./environment";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"GetItem" | "BatchGetItem" | "Query"> & {
  MESSAGES_TABLE: "BatchGetItem" | "Query";
  RETENTION_DAYS: "setting";
};

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages } = env;
const retention = new Retention(Number(env.RETENTION_DAYS));

/** `listRooms`: the caller's rooms, and how much of each is unread; of a room that they may not read, nothing. */
export const listRooms = messageRoute({
  admits: whileTokenHolds(connections),
  schema: ListRooms,
  points: EXPENSIVE,
  async run({ id, after }, { user }) {
    const marked = await markedRooms(connections, user.id, after);
    const names = marked.rooms.map(({ room }) => room);
    const [roles, heads] = await Promise.all([rolesIn(connections, names, user.id), headsOf(messages, names)]);
    const readable = marked.rooms.filter(({ room }) => rightsOf(room, roles.get(room)).read);
    const rooms = await Promise.all(
      readable.map(async ({ room, readThrough: read }) => {
        const place = { room, head: heads[room] as number, read };
        return { ...place, ...(await unreadOf(messages, place, user.id, retention)) };
      }),
    );
    const count = fitting({}, rooms);
    const more = marked.more || count < rooms.length;
    return { answer: { type: "rooms", id, rooms: rooms.slice(0, count), more }, did: "listed" };
  },
});
