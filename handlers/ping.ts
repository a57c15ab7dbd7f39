import { whileTokenHolds } from "../chat/identity/caller";
import { headsOf } from "../chat/log/heads";
import { roomsAmong } from "../chat/rooms/members";
import { Ping } from "../protocol/requests";
import { environment } from "./environment";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"GetItem"> & { MESSAGES_TABLE: "BatchGetItem" };

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages } = env;

/**
 * `ping`: shows that the path to a function and back works, keeps the connection from timing out when idle, and returns
 * the ends of the named rooms' logs, so that clients notice lost pushes.
 */
export const ping = messageRoute(env, {
  admits: whileTokenHolds(connections),
  schema: Ping,
  points: 1,
  async run({ id, rooms }, { connectionId }) {
    if (rooms.length === 0) return { answer: { type: "pong", id }, did: "answered" };
    const heads = await headsOf(messages, await roomsAmong(connections, connectionId, [...new Set(rooms)]));
    return { answer: { type: "pong", id, heads }, did: "answered" };
  },
});
