import { asDeletable } from "../chat/log/authorship";
import { finishDeletion } from "../chat/log/erasure";
import { DeleteMessage } from "../protocol/requests";
import { type AppendUses, appendRoute } from "./appendRoute";

export type Uses = AppendUses;

/** `deleteMessage`: deletes a message of one's own, for good; a moderator deletes anybody's. */
export const deleteMessage = appendRoute(DeleteMessage, {
  admit: ({ room, target }, { user }, { messages, connections }) =>
    asDeletable(messages, connections, room, target, user),
  contentOf: ({ target }) => ({ kind: "delete", target }),
  finish: ({ room, target }, seq, { messages, retention }) =>
    finishDeletion(messages, room, { seq, target }, retention),
});
