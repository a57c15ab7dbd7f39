import { SendMessage } from "../protocol/requests";
import { type AppendUses, appendRoute } from "./appendRoute";

export type Uses = AppendUses;

/** `sendMessage`: a message for everyone in a room. */
export const sendMessage = appendRoute(SendMessage, {
  contentOf: ({ text, replyTo }) => ({ kind: "message", text, ...(replyTo === undefined ? {} : { replyTo }) }),
});
