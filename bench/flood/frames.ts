/**
 * The frames of a flood, by their names in `--actions`. Those that name a room name the lobby, where the calm people
 * are; only `leaveRoom` names another one.
 */
import type { Action } from "../../protocol/actions.ts";

const room = "lobby";

/** Frames with no valid action. */
type NoAction = "invalid" | "unknown" | "notJson";

const FRAMES: Record<Action | NoAction, object | string> = {
  ping: { action: "ping", rooms: [room] },
  hello: { action: "hello" },
  joinRoom: { action: "joinRoom", room },
  leaveRoom: { action: "leaveRoom", room: "elsewhere" },
  sendMessage: { action: "sendMessage", room, text: "FLOOD" },
  editMessage: { action: "editMessage", room, target: 1, text: "FLOOD" },
  deleteMessage: { action: "deleteMessage", room, target: 1 },
  react: { action: "react", room, target: 1, emoji: "👍" },
  getHistory: { action: "getHistory", room },
  setTyping: { action: "setTyping", room, typing: true },
  markRead: { action: "markRead", room, seq: 1 },
  listRooms: { action: "listRooms" },
  listMembers: { action: "listMembers", room },
  refreshToken: { action: "refreshToken", token: "none" },
  invite: { action: "invite", room, user: "nobody" },
  ban: { action: "ban", room, user: "nobody" },
  invalid: { action: "sendMessage", room, text: 7 },
  unknown: { action: "no such action" },
  notJson: "{",
};

export const FLOODS = Object.keys(FRAMES) as Flood[];

export type Flood = keyof typeof FRAMES;

/** @param id of the request; each append needs its own */
export function floodFrame(action: Flood, id: string): string {
  const frame = FRAMES[action];
  return typeof frame === "string" ? frame : JSON.stringify({ id, ...frame });
}
