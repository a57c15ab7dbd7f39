import { whileTokenHolds } from "../chat/identity/caller";
import { Refusal } from "../chat/refusal";
import { resource } from "../chat/resource";
import { asModerator, setRole } from "../chat/rooms/roles";
import { Invite } from "../protocol/requests";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses & { CONNECTIONS_TABLE: "GetItem" | "PutItem" };

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");

/** `invite`: lets somebody into a room, or makes a moderator of them; it lifts a ban. */
export const invite = messageRoute(
  whileTokenHolds(connections),
  Invite,
  async ({ id, room, user, moderator }, caller) => {
    await asModerator(connections, room, caller.user.id);
    if (user === caller.user.id) throw new Refusal("FORBIDDEN", "nobody changes their own role");
    await setRole(connections, room, user, moderator ? "moderator" : "member");
    return { answer: { type: "ack", id }, did: "invited" };
  },
);
