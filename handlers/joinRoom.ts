import { whileTokenHolds } from "../chat/identity/caller";
import { EXPENSIVE } from "../chat/limits/frameBudget";
import { readAfter, readBefore } from "../chat/log/read";
import { Retention } from "../chat/log/retention";
import { announceArrival } from "../chat/presence/announce";
import { Refusal } from "../chat/refusal";
import { join } from "../chat/rooms/join";
import { listRoom } from "../chat/rooms/readMarkers";
import { claimRoom } from "../chat/rooms/roles";
import { JoinRoom, MAX_PAGE } from "../protocol/requests";
import { environment } from "./environment";
import { limitsOf, type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"GetItem" | "BatchGetItem" | "Query" | "PutItem" | "BatchWriteItem"> & {
  MESSAGES_TABLE: "GetItem" | "Query" | "PutItem" | "UpdateItem";
  RETENTION_DAYS: "setting";
};

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages, CONNECTIONS_URL: posts } = env;
const { roomsPerConnection } = limitsOf(env);
const retention = new Retention(Number(env.RETENTION_DAYS));

/** `joinRoom`: subscribes the connection to the room's events. The answer's page has earlier entries. */
export const joinRoom = messageRoute(env, {
  admits: whileTokenHolds(connections),
  schema: JoinRoom,
  points: EXPENSIVE,
  async run({ id, room, after }, caller) {
    const { user } = caller;
    // First the rows, then head and page: an entry appended in between is posted, or is at or below the head, or both.
    await claimRoom(connections, room, user.id);
    const joined = await join(connections, caller, [room], roomsPerConnection);
    const { connection, entered, arrived } = joined;
    if (entered.length === 0) throw new Refusal("FORBIDDEN", "you may not join this room");
    const [page] = await Promise.all([
      after === undefined
        ? readBefore(messages, room, undefined, MAX_PAGE, retention)
        : readAfter(messages, room, after, MAX_PAGE, retention),
      listRoom(connections, user.id, room),
    ]);
    return {
      answer: { type: "ack", id, ...("reason" in page ? { reset: page } : { page }) },
      did: "joined",
      after: async () => void (await announceArrival({ connections, posts }, connection, arrived)),
    };
  },
});
