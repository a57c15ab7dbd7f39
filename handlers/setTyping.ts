import { asMember } from "../chat/identity/caller";
import { EXPENSIVE } from "../chat/limits/frameBudget";
import { tellOthers } from "../chat/presence/announce";
import { SetTyping } from "../protocol/requests";
import { environment } from "./environment";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"GetItem" | "Query" | "BatchWriteItem">;

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, CONNECTIONS_URL: posts } = env;

/** `setTyping`: tells other members that the caller is typing. It is neither stored nor answered. */
export const setTyping = messageRoute(env, {
  admits: asMember(connections),
  schema: SetTyping,
  points: EXPENSIVE,
  async run({ room, typing }, caller) {
    await tellOthers({ connections, posts }, caller, { type: "typing", room, user: caller.user, typing });
    return { did: "told" };
  },
});
