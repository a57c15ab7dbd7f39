import { whileTokenHolds } from "../chat/identity/caller";
import { announceLeaving } from "../chat/presence/announce";
import { leave } from "../chat/rooms/leave";
import { membershipOf } from "../chat/rooms/members";
import { unlistRoom } from "../chat/rooms/readMarkers";
import { LeaveRoom } from "../protocol/requests";
import { environment } from "./environment";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"GetItem" | "Query" | "PutItem" | "BatchWriteItem" | "DeleteItem">;

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, CONNECTIONS_URL: posts } = env;

/**
 * `leaveRoom`: removes the connection from a room. After the ack, no new post of the room's events to this connection
 * starts, except from fan-outs that have already read the page of members that contains it.
 */
export const leaveRoom = messageRoute(env, {
  admits: whileTokenHolds(connections),
  schema: LeaveRoom,
  points: 1,
  async run({ id, room }, { connectionId, user }) {
    const membership = await membershipOf(connections, connectionId, room);
    await leave(connections, connectionId, room);
    await unlistRoom(connections, user.id, room);
    return {
      answer: { type: "ack", id },
      did: "left",
      // A person who was never announced leaves unannounced.
      after: async () => {
        if (membership?.present) await announceLeaving({ connections, posts }, { connectionId, user }, room);
        return undefined;
      },
    };
  },
});
