import { asMember } from "../chat/identity/caller";
import { HISTORY_PAGE } from "../chat/limits/frameBudget";
import { readAfter, readBefore } from "../chat/log/read";
import { Retention } from "../chat/log/retention";
import { GetHistory } from "../protocol/requests";
import { environment } from "./environment";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses<"GetItem"> & {
  MESSAGES_TABLE: "GetItem" | "Query" | "PutItem" | "UpdateItem";
  RETENTION_DAYS: "setting";
};

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages, RETENTION_DAYS } = env;
const retention = new Retention(Number(RETENTION_DAYS));

/** `getHistory`: a page of a room's log before or after a position; by default the newest. */
export const getHistory = messageRoute(env, {
  admits: asMember(connections),
  schema: GetHistory,
  points: HISTORY_PAGE,
  async run({ id, room, after, before, limit }) {
    const page =
      after === undefined
        ? await readBefore(messages, room, before, limit, retention)
        : await readAfter(messages, room, after, limit, retention);
    if ("reason" in page) return { answer: { type: "reset", id, ...page }, did: "reset" };
    return { answer: { type: "page", id, ...page }, did: "read", counts: { entriesCount: page.entries.length } };
  },
});
