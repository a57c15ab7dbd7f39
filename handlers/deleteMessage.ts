import { ownMessage } from "../chat/authorship";
import { DeleteMessage } from "../protocol/requests";
import { type AppendUses, appendRoute } from "./appendRoute";

export type Uses = AppendUses;

/** `deleteMessage`: takes a message of one's own back. */
export const deleteMessage = appendRoute(DeleteMessage, async ({ room, target }, { user }, log) => {
  await ownMessage(log, room, target, user);
  return { kind: "delete", target };
});
