import { asMessage } from "../chat/log/authorship";
import { React } from "../protocol/requests";
import { type AppendUses, appendRoute } from "./appendRoute";

export type Uses = AppendUses;

/** `react`: adds an emoji to a message, or removes it. */
export const react = appendRoute(React, {
  admit: ({ room, target }, _, { messages }) => asMessage(messages, room, target),
  contentOf: ({ target, emoji, on }) => ({ kind: "reaction", target, emoji, on }),
});
