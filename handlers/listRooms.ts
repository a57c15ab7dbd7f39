import { whileTokenHolds } from "../chat/identity/caller";
import { EXPENSIVE } from "../chat/limits/frameBudget";
import { headsOf } from "../chat/log/heads";
import { Retention } from "../chat/log/retention";
import { unreadOf } from "../chat/log/unread";
import { type MarkedRoom, markedRooms } from "../chat/rooms/readMarkers";
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

/** `listRooms`: the caller's rooms with their unread counts. Omits rooms that the caller can't read. */
export const listRooms = messageRoute(env, {
  admits: whileTokenHolds(connections),
  schema: ListRooms,
  points: EXPENSIVE,
  async run({ id, after }, { user }) {
    const { readable, isLast } = await readableRooms(user.id, after);
    const heads = await headsOf(
      messages,
      readable.map(({ room }) => room),
    );
    const rooms = await Promise.all(
      readable.map(async ({ room, readThrough: read }) => {
        const place = { room, head: heads[room] as number, read };
        return { ...place, ...(await unreadOf(messages, place, user.id, retention)) };
      }),
    );
    const count = fitting({}, rooms);
    const more = !isLast || count < rooms.length;
    return { answer: { type: "rooms", id, rooms: rooms.slice(0, count), more }, did: "listed" };
  },
});

/** A page of a person's rooms without those that they can't read. Skips pages that would be empty. */
async function readableRooms(
  userId: string,
  after: string | undefined,
): Promise<{ readable: MarkedRoom[]; isLast: boolean }> {
  let start = after;
  for (;;) {
    const { rooms, more } = await markedRooms(connections, userId, start);
    const names = rooms.map(({ room }) => room);
    const roles = await rolesIn(connections, names, userId);
    const readable = rooms.filter(({ room }) => rightsOf(room, roles.get(room)).read);
    if (readable.length > 0 || !more) return { readable, isLast: !more };
    start = names.at(-1);
  }
}
