import { messageAt } from "../chat/log/authorship";
import { React } from "../protocol/requests";
import { type AppendUses, appendRoute } from "./appendRoute";

export type Uses = AppendUses;

/** `react`: an emoji on a message, or its end. */
export const react = appendRoute(React, async ({ room, target, emoji, on }, _, log) => {
  await messageAt(log, room, target);
  return { kind: "reaction", target, emoji, on };
});
