import { tellOthers } from "../chat/fanOut/ephemeral";
import { asMember } from "../chat/identity/caller";
import { resource } from "../chat/resource";
import { SetTyping } from "../protocol/requests";
import { messageRoute } from "./messageRoute";

export type Uses = {
  CONNECTIONS_TABLE: "GetItem" | "Query" | "BatchWriteItem";
  CONNECTIONS_URL: "POST" | "DELETE";
  RATES: "setting";
};

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const posts = resource<Uses, "CONNECTIONS_URL">("CONNECTIONS_URL");

/** `setTyping`: tells the others; it is not stored and not answered. */
export const setTyping = messageRoute(asMember(connections), SetTyping, async ({ room, typing }, caller) => {
  await tellOthers({ connections, posts }, caller, { type: "typing", room, user: caller.user, typing });
  return { did: "told" };
});
