import { asMember } from "../chat/identity/caller";
import { EXPENSIVE } from "../chat/limits/frameBudget";
import { headOf } from "../chat/log/heads";
import { tellOthers } from "../chat/presence/announce";
import { Refusal } from "../chat/refusal";
import { markReadThrough } from "../chat/rooms/readMarkers";
import { MarkRead } from "../protocol/requests";
import { environment } from "./environment";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"GetItem" | "Query" | "BatchWriteItem"> & {
  MESSAGES_TABLE: "GetItem";
};

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages, CONNECTIONS_URL: posts } = env;

/** `markRead`: moves the caller's read marker forward; it isn't answered. */
export const markRead = messageRoute(env, {
  admits: asMember(connections),
  schema: MarkRead,
  points: EXPENSIVE,
  async run({ room, seq }, caller) {
    const { head } = await headOf(messages, room);
    if (seq > head) throw new Refusal("NOT_FOUND", `the room's last position is ${head}`);
    if (!(await markReadThrough(connections, caller.user.id, room, seq))) return { did: "was read" };
    await tellOthers({ connections, posts }, caller, { type: "read", room, user: caller.user, seq });
    return { did: "marked" };
  },
});
