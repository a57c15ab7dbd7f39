import { asMember } from "../chat/identity/caller";
import { readAfter, readBefore } from "../chat/log/read";
import { Retention } from "../chat/log/retention";
import { resource } from "../chat/resource";
import { GetHistory } from "../protocol/requests";
import { type MessageUses, messageRoute } from "./messageRoute";

export type Uses = MessageUses & {
  CONNECTIONS_TABLE: "GetItem";
  MESSAGES_TABLE: "GetItem" | "Query" | "PutItem";
  RETENTION_DAYS: "setting";
};

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const retention = new Retention(Number(resource<Uses, "RETENTION_DAYS">("RETENTION_DAYS")));
const messages = resource<Uses, "MESSAGES_TABLE">("MESSAGES_TABLE");

/** `getHistory`: a page of a room's log, after a position or before one; without either the newest. */
export const getHistory = messageRoute(
  asMember(connections),
  GetHistory,
  async ({ id, room, after, before, limit }) => {
    const page =
      after === undefined
        ? await readBefore(messages, room, before, limit, retention)
        : await readAfter(messages, room, after, limit, retention);
    if ("reason" in page) return { answer: { type: "reset", id, ...page }, did: "reset" };
    return { answer: { type: "page", id, ...page }, did: "read", counts: { entriesCount: page.entries.length } };
  },
);
