import { whileTokenHolds } from "../chat/identity/caller";
import { EXPENSIVE } from "../chat/limits/frameBudget";
import { Refusal } from "../chat/refusal";
import { asModerator, refuseFounder, setRole } from "../chat/rooms/roles";
import { Invite } from "../protocol/requests";
import { environment } from "./environment";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"GetItem" | "PutItem">;

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections } = env;

/** `invite`: lets a person into a room or makes them a moderator; also lifts a ban. */
export const invite = messageRoute(env, {
  admits: whileTokenHolds(connections),
  schema: Invite,
  points: EXPENSIVE,
  async run({ id, room, user, moderator }, caller) {
    await asModerator(connections, room, caller.user.id);
    if (user === caller.user.id) throw new Refusal("FORBIDDEN", "you can't change your own role");
    await refuseFounder(connections, room, user);
    await setRole(connections, room, user, moderator ? "moderator" : "member");
    return { answer: { type: "ack", id }, did: "invited" };
  },
});
