import { announce } from "../chat/fanOut/ephemeral";
import { whileTokenHolds } from "../chat/identity/caller";
import { headsOf } from "../chat/log/heads";
import { resource } from "../chat/resource";
import { join } from "../chat/rooms/members";
import { MAX_FRAME_BYTES } from "../protocol/frameSize";
import { Hello, LOBBY, MAX_PAGE, MAX_ROOMS } from "../protocol/requests";
import type { Reset } from "../protocol/responses";
import { MAX_TEXT_BYTES } from "../protocol/text";
import { messageRoute } from "./messageRoute";

export type Uses = {
  CONNECTIONS_TABLE: "GetItem" | "BatchGetItem" | "Query" | "PutItem" | "BatchWriteItem";
  MESSAGES_TABLE: "BatchGetItem";
  CONNECTIONS_URL: "POST" | "DELETE";
  RATES: "setting";
};

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const messages = resource<Uses, "MESSAGES_TABLE">("MESSAGES_TABLE");
const posts = resource<Uses, "CONNECTIONS_URL">("CONNECTIONS_URL");

const LIMITS = { textBytes: MAX_TEXT_BYTES, frameBytes: MAX_FRAME_BYTES, pageEntries: MAX_PAGE, rooms: MAX_ROOMS };

/** `hello`: puts a connection that has just opened into its rooms again, and says where their logs end. */
export const hello = messageRoute(whileTokenHolds(connections), Hello, async ({ id, rooms }, caller) => {
  const { connectionId, user } = caller;
  const names = [...new Set([LOBBY, ...rooms.map(({ room }) => room)])];
  // First the rows, then the heads: what is appended in between is posted or below a head, never neither.
  const { connection, entered } = await join(connections, connectionId, names);
  const heads = await headsOf(messages, entered);
  await announce({ connections, posts }, caller, entered, true);
  const resets = rooms
    .filter(({ room, after = 0 }) => after > (heads[room] ?? after))
    .map(({ room }): Reset => ({ room, head: heads[room] as number, reason: "ahead" }));
  return {
    answer: {
      type: "ready",
      id,
      connectionId,
      user,
      expiresAt: connection.tokenExpiresAt,
      limits: LIMITS,
      features: [],
      heads,
      ...(resets.length === 0 ? {} : { resets }),
    },
    did: "greeted",
    counts: { roomsCount: entered.length },
  };
});
