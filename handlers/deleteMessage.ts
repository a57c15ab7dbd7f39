import { deletableMessage } from "../chat/log/authorship";
import { DeleteMessage } from "../protocol/requests";
import { type AppendUses, appendRoute } from "./appendRoute";

export type Uses = AppendUses;

/** `deleteMessage`: takes a message of one's own back; a moderator takes back anybody's. */
export const deleteMessage = appendRoute(DeleteMessage, async ({ room, target }, { user }, log, roles) => {
  await deletableMessage(log, roles, room, target, user);
  return { kind: "delete", target };
});
