import { whileTokenHolds } from "../chat/identity/caller";
import { EXPENSIVE } from "../chat/limits/frameBudget";
import { headsOf } from "../chat/log/heads";
import { announceArrival } from "../chat/presence/announce";
import { join } from "../chat/rooms/join";
import { MAX_FRAME_BYTES } from "../protocol/frameSize";
import { Hello, MAX_PAGE, MAX_ROOMS } from "../protocol/requests";
import type { Reset } from "../protocol/responses";
import { MAX_TEXT_BYTES } from "../protocol/text";
import { environment } from "./environment";
import { limitsOf, type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"GetItem" | "BatchGetItem" | "Query" | "PutItem" | "BatchWriteItem"> & {
  MESSAGES_TABLE: "BatchGetItem";
};

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages, CONNECTIONS_URL: posts } = env;

const { LOBBY: lobby } = env;
const { roomsPerConnection } = limitsOf(env);

const LIMITS = { textBytes: MAX_TEXT_BYTES, frameBytes: MAX_FRAME_BYTES, pageEntries: MAX_PAGE, rooms: MAX_ROOMS };

/** `hello`: adds a connection to the lobby and the rooms that the client names, and returns where their logs end. */
export const hello = messageRoute(env, {
  admits: whileTokenHolds(connections),
  schema: Hello,
  points: EXPENSIVE,
  async run({ id, rooms }, caller) {
    const { connectionId, user } = caller;
    const names = [...new Set([...(lobby === "" ? [] : [lobby]), ...rooms.map(({ room }) => room)])];
    // First the rows, then the heads: an entry appended in between is posted, or is at or below a head, so none is
    // missed.
    const joined = await join(connections, caller, names, roomsPerConnection);
    const { connection, entered, arrived } = joined;
    const heads = new Map(Object.entries(await headsOf(messages, entered)));
    const resets = rooms
      .filter(({ room, after = 0 }) => after > (heads.get(room) ?? after))
      .map(({ room }): Reset => ({ room, head: heads.get(room) as number, reason: "ahead" }));
    return {
      answer: {
        type: "ready",
        id,
        connectionId,
        user,
        expiresAt: connection.tokenExpiresAt,
        expiresInMs: connection.tokenExpiresAt - Date.now(),
        limits: LIMITS,
        features: [],
        ...(lobby === "" ? {} : { lobby }),
        heads: Object.fromEntries(heads),
        ...(resets.length === 0 ? {} : { resets }),
      },
      did: "greeted",
      counts: { roomsCount: entered.length },
      after: async () => void (await announceArrival({ connections, posts }, connection, arrived)),
    };
  },
});
