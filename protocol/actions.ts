/**
 * Every action of chat.v1. `requests.ts` has the schema of each, `index.ts` its route, docs/protocol.md its row; the
 * fuzzers, the checker's gateway, the privacy tests and the documentation tests use this list and fail for an action
 * that they don't exercise.
 */
export const ACTIONS = [
  "hello",
  "joinRoom",
  "leaveRoom",
  "sendMessage",
  "editMessage",
  "deleteMessage",
  "react",
  "getHistory",
  "setTyping",
  "markRead",
  "listRooms",
  "listMembers",
  "ping",
  "refreshToken",
  "invite",
  "ban",
] as const;

/** An action that a client can request. */
export type Action = (typeof ACTIONS)[number];
