import { asDeletable } from "../chat/log/authorship";
import { finishDeletion } from "../chat/log/erasure";
import { DeleteMessage } from "../protocol/requests";
import { type AppendUses, appendRoute } from "./appendRoute";

export type Uses = AppendUses;

/** `deleteMessage`: permanently deletes one's own message, or, for a moderator, anyone's. */
export const deleteMessage = appendRoute(DeleteMessage, {
  admit: ({ room, target }, { user }, { messages, connections }) =>
    asDeletable(messages, connections, room, target, user),
  contentOf: ({ target }) => ({ kind: "delete", target }),
  finish: ({ room, target }, seq, { messages, retention }) =>
    finishDeletion(messages, room, { seq, target }, retention),
});
