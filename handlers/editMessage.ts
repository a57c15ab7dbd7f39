import { ownMessage } from "../chat/log/authorship";
import { EditMessage } from "../protocol/requests";
import { type AppendUses, appendRoute } from "./appendRoute";

export type Uses = AppendUses;

/** `editMessage`: another text for a message of one's own. */
export const editMessage = appendRoute(EditMessage, async ({ room, target, text }, { user }, log) => {
  await ownMessage(log, room, target, user);
  return { kind: "edit", target, text };
});
