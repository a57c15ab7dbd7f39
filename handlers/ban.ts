import { whileTokenHolds } from "../chat/identity/caller";
import { Refusal } from "../chat/refusal";
import { resource } from "../chat/resource";
import { ban as banFrom } from "../chat/rooms/ban";
import { asModerator } from "../chat/rooms/roles";
import { Ban } from "../protocol/requests";
import { messageRoute } from "./messageRoute";

export type Uses = {
  CONNECTIONS_TABLE: "GetItem" | "PutItem" | "Query" | "BatchWriteItem";
  CONNECTIONS_URL: "POST" | "DELETE";
  RATES: "setting";
};

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const posts = resource<Uses, "CONNECTIONS_URL">("CONNECTIONS_URL");

/** `ban`: keeps somebody out of a room, now and later; `invite` lifts it. */
export const ban = messageRoute(whileTokenHolds(connections), Ban, async ({ id, room, user }, caller) => {
  await asModerator(connections, room, caller.user.id);
  if (user === caller.user.id) throw new Refusal("FORBIDDEN", "nobody bans themselves");
  await banFrom({ connections, posts }, room, user);
  return { answer: { type: "ack", id }, did: "banned" };
});
