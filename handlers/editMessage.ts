import { asEditable } from "../chat/log/authorship";
import { EditMessage } from "../protocol/requests";
import { type AppendUses, appendRoute } from "./appendRoute";

export type Uses = AppendUses;

/** `editMessage`: replaces the text of one's own message. */
export const editMessage = appendRoute(EditMessage, {
  admit: ({ room, target }, { user }, { messages }) => asEditable(messages, room, target, user),
  contentOf: ({ target, text }) => ({ kind: "edit", target, text }),
});
