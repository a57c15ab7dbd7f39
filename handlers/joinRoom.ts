import { announce } from "../chat/fanOut/ephemeral";
import { whileTokenHolds } from "../chat/identity/caller";
import { readAfter, readBefore } from "../chat/log/read";
import { Retention } from "../chat/log/retention";
import { Refusal } from "../chat/refusal";
import { resource } from "../chat/resource";
import { join } from "../chat/rooms/members";
import { listRoom } from "../chat/rooms/readMarkers";
import { claimRoom } from "../chat/rooms/roles";
import { JoinRoom, MAX_PAGE } from "../protocol/requests";
import { messageRoute } from "./messageRoute";

export type Uses = {
  CONNECTIONS_TABLE: "GetItem" | "BatchGetItem" | "Query" | "PutItem" | "BatchWriteItem" | "UpdateItem";
  MESSAGES_TABLE: "GetItem" | "Query" | "PutItem";
  CONNECTIONS_URL: "POST" | "DELETE";
  RATES: "setting";
  RETENTION_DAYS: "setting";
};

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const retention = new Retention(Number(resource<Uses, "RETENTION_DAYS">("RETENTION_DAYS")));
const messages = resource<Uses, "MESSAGES_TABLE">("MESSAGES_TABLE");
const posts = resource<Uses, "CONNECTIONS_URL">("CONNECTIONS_URL");

/** `joinRoom`: from now on the room's events come here; what came before is on the page in the answer. */
export const joinRoom = messageRoute(whileTokenHolds(connections), JoinRoom, async ({ id, room, after }, caller) => {
  // First the rows, then head and page: what is appended in between is posted, below the head, or both.
  await claimRoom(connections, room, caller.user.id);
  const { entered } = await join(connections, caller.connectionId, [room]);
  if (entered.length === 0) throw new Refusal("FORBIDDEN", "you may not join this room");
  await listRoom(connections, caller.user.id, room);
  const page =
    after === undefined
      ? await readBefore(messages, room, undefined, MAX_PAGE, retention)
      : await readAfter(messages, room, after, MAX_PAGE, retention);
  await announce({ connections, posts }, caller, [room], true);
  return { answer: { type: "ack", id, ...("reason" in page ? { reset: page } : { page }) }, did: "joined" };
});
