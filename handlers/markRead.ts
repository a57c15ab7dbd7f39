import { tellOthers } from "../chat/fanOut/ephemeral";
import { asMember } from "../chat/identity/caller";
import { headOf } from "../chat/log/heads";
import { Refusal } from "../chat/refusal";
import { resource } from "../chat/resource";
import { markReadThrough } from "../chat/rooms/readMarkers";
import { MarkRead } from "../protocol/requests";
import { messageRoute } from "./messageRoute";

export type Uses = {
  CONNECTIONS_TABLE: "GetItem" | "Query" | "BatchWriteItem" | "UpdateItem";
  MESSAGES_TABLE: "GetItem";
  CONNECTIONS_URL: "POST" | "DELETE";
  RATES: "setting";
};

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const messages = resource<Uses, "MESSAGES_TABLE">("MESSAGES_TABLE");
const posts = resource<Uses, "CONNECTIONS_URL">("CONNECTIONS_URL");

/** `markRead`: how far somebody has read; it only goes forward, and it is not answered. */
export const markRead = messageRoute(asMember(connections), MarkRead, async ({ room, seq }, caller) => {
  const { head } = await headOf(messages, room);
  if (seq > head) throw new Refusal("NOT_FOUND", `the room ends at ${head}`);
  if (!(await markReadThrough(connections, caller.user.id, room, seq))) return { did: "was read" };
  await tellOthers({ connections, posts }, caller, { type: "read", room, user: caller.user, seq });
  return { did: "marked" };
});
