/** The rules for frames in docs/protocol.md, implemented again without the schemas of protocol/. */

import type { Action } from "../../protocol/actions.ts";
import { ERROR_CODES } from "../../protocol/errors.ts";

// biome-ignore lint/suspicious/noExplicitAny: a check accepts values of any type
type Any = any;
type Check = (value: Any) => boolean;

/** Maximum number of UTF-8 bytes in a frame. */
export const MOST_BYTES = 32_000;

const bytes = (text: string) => Buffer.byteLength(text);
const isText: Check = (value) => typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
const isTrue: Check = (value) => value === true;
const isCount: Check = (value) => Number.isSafeInteger(value) && value >= 0;
const isPosition: Check = (value) => Number.isSafeInteger(value) && value >= 1;
const isOneOf =
  (...all: unknown[]): Check =>
  (value) =>
    all.includes(value);
const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const isByRoom =
  (check: Check): Check =>
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(check);

/** An object with these fields and no others; those whose name ends with `?` may be missing. */
function isObject(fields: Record<string, Check>): Check {
  const known = new Map(Object.entries(fields).map(([name, check]) => [name.replace("?", ""), check]));
  const needed = Object.keys(fields).filter((name) => !name.endsWith("?"));
  return (value) =>
    typeof value === "object" &&
    value !== null &&
    needed.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, field]) => known.get(name)?.(field) ?? false);
}

const isUser = isObject({ id: isText, name: isText });
const authored = { seq: isPosition, id: isText, user: isUser, sentAt: isCount, "erased?": isTrue };
const isAuthored: Check = (value) =>
  [
    isObject({ ...authored, kind: isOneOf("message"), text: isText, "replyTo?": isPosition }),
    isObject({ ...authored, kind: isOneOf("edit"), target: isPosition, text: isText }),
    isObject({ ...authored, kind: isOneOf("delete"), target: isPosition }),
    isObject({ ...authored, kind: isOneOf("reaction"), target: isPosition, emoji: isText, on: isFlag }),
  ].some((check) => check(value));
const isEntry: Check = (value) => isAuthored(value) || isObject({ seq: isPosition, kind: isOneOf("void") })(value);
const page = {
  room: isText,
  entries: isListOf(isAuthored),
  from: isPosition,
  through: isCount,
  head: isCount,
  more: isFlag,
  "retryAfterMs?": isCount,
};
const reset = { room: isText, head: isCount, reason: isOneOf("ahead", "behind") };

const FRAMES: Record<string, Check[]> = {
  ready: [
    isObject({
      id: isText,
      type: isText,
      connectionId: isText,
      user: isUser,
      expiresAt: isCount,
      expiresInMs: isCount,
      limits: isObject({ textBytes: isPosition, frameBytes: isPosition, pageEntries: isPosition, rooms: isPosition }),
      features: isListOf(isText),
      "lobby?": isText,
      heads: isByRoom(isCount),
      "resets?": isListOf(isObject(reset)),
    }),
  ],
  ack: [
    isObject({
      type: isText,
      id: isText,
      "seq?": isPosition,
      "sentAt?": isCount,
      "duplicate?": isTrue,
      "expiresAt?": isCount,
      "expiresInMs?": isCount,
      "page?": isObject(page),
      "reset?": isObject(reset),
    }),
  ],
  error: [
    isObject({
      type: isText,
      code: isOneOf(...ERROR_CODES),
      message: isText,
      retryable: isFlag,
      "id?": isText,
      "action?": isText,
      "path?": isText,
      "retryAfterMs?": isPosition,
    }),
  ],
  event: [isObject({ type: isText, room: isText, entries: isListOf(isEntry) })],
  page: [isObject({ type: isText, id: isText, ...page })],
  reset: [isObject({ type: isText, id: isText, ...reset })],
  presence: [
    isObject({ type: isText, id: isText, room: isText, members: isListOf(isUser), more: isFlag }),
    isObject({ type: isText, room: isText, user: isUser, online: isFlag }),
  ],
  typing: [isObject({ type: isText, room: isText, user: isUser, typing: isFlag })],
  read: [isObject({ type: isText, room: isText, user: isUser, seq: isPosition })],
  rooms: [
    isObject({
      type: isText,
      id: isText,
      rooms: isListOf(isObject({ room: isText, head: isCount, read: isCount, unread: isCount, "unreadMore?": isTrue })),
      more: isFlag,
    }),
  ],
  pong: [isObject({ type: isText, id: isText, "heads?": isByRoom(isCount) })],
};

/** Whether the document describes this frame from the server. */
export function isDocumented(frame: Any): boolean {
  return Object.hasOwn(FRAMES, frame?.type) && (FRAMES[frame.type] as Check[]).some((check) => check(frame));
}

/** Types of the answer by action; undefined if there is no answer. */
export const ANSWERS: Record<Action, (string | undefined)[]> = {
  hello: ["ready"],
  joinRoom: ["ack"],
  leaveRoom: ["ack"],
  sendMessage: ["ack"],
  editMessage: ["ack"],
  deleteMessage: ["ack"],
  react: ["ack"],
  getHistory: ["page", "reset"],
  setTyping: [undefined],
  markRead: [undefined],
  listRooms: ["rooms"],
  listMembers: ["presence"],
  ping: ["pong"],
  refreshToken: ["ack"],
  invite: ["ack"],
  ban: ["ack"],
};

/** Whether the document allows a value: true, false, or undefined if it leaves that open. */
type Verdict = boolean | undefined;

const graphemes = new Intl.Segmenter("en");

function isRoom(value: Any): Verdict {
  if (typeof value !== "string" || value === "" || !value.isWellFormed()) return false;
  const composed = value.normalize("NFC");
  // A name of 2,000 units isn't counted in characters: it exceeds the limit of 256 bytes anyway.
  const isShort = composed.length < 2_000 && [...graphemes.segment(composed)].length <= 64;
  const isSeen = /[^\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u.test(composed);
  return isShort && isSeen && bytes(composed) <= 256 && !/\p{Cc}/u.test(composed) && !/\p{M}{31}/u.test(value);
}

function isId(value: Any): Verdict {
  if (typeof value !== "string" || value === "" || !value.isWellFormed()) return false;
  if (value.length <= 64) return true;
  // The document doesn't define what a character is.
  return [...graphemes.segment(value.slice(0, 5_000))].length <= 64 ? undefined : false;
}

function isMessageText(value: Any): Verdict {
  if (typeof value !== "string" || value === "" || !value.isWellFormed()) return false;
  return bytes(value) <= 8_192 && bytes(JSON.stringify(value)) <= 16_384;
}

function isEmoji(value: Any): Verdict {
  if (typeof value !== "string" || value === "" || /[a-zA-Z\s\p{Cc}]/u.test(value)) return false;
  return /^\p{RGI_Emoji}$/v.test(value) ? true : undefined;
}

function isUserId(value: Any): Verdict {
  return typeof value === "string" && value !== "" && value.isWellFormed() && bytes(value) <= 512;
}

/** Whether a token has a valid type and length. Other invalid tokens are refused later, with a different code. */
function isToken(value: Any): Verdict {
  return typeof value === "string" && value !== "" && value.length <= 8_192;
}

function areRooms(value: Any): Verdict {
  if (!Array.isArray(value) || value.length > 25) return false;
  return all(
    value.map((one) => {
      if (typeof one !== "object" || one === null || Array.isArray(one)) return false;
      const { room, after = 0, ...others } = one;
      return all([isRoom(room), isCount(after), Object.keys(others).length === 0]);
    }),
  );
}

function areNames(value: Any): Verdict {
  return Array.isArray(value) && value.length <= 25 && all(value.map(isRoom));
}

const inRoom = { "room?": isRoom };
const append = { ...inRoom, "retry?": isFlag };

const REQUESTS: Record<Action, Record<string, (value: Any) => Verdict>> = {
  hello: { "rooms?": areRooms },
  joinRoom: { ...inRoom, "after?": isCount },
  leaveRoom: inRoom,
  sendMessage: { ...append, text: isMessageText, "replyTo?": isPosition },
  editMessage: { ...append, target: isPosition, text: isMessageText },
  deleteMessage: { ...append, target: isPosition },
  react: { ...append, target: isPosition, emoji: isEmoji, "on?": isFlag },
  getHistory: {
    ...inRoom,
    "after?": isCount,
    "before?": isPosition,
    "limit?": (value) => isPosition(value) && value <= 100,
  },
  setTyping: { ...inRoom, typing: isFlag },
  markRead: { ...inRoom, seq: isPosition },
  listRooms: { "after?": isRoom },
  listMembers: inRoom,
  ping: { "rooms?": areNames },
  refreshToken: { token: isToken },
  invite: { ...inRoom, user: isUserId, "moderator?": isFlag },
  ban: { ...inRoom, user: isUserId },
};

/** Whether a frame's form is valid for an action, whoever sends it. */
export function isRightRequest(action: Action, frame: Any): Verdict {
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) return false;
  const fields: Record<string, (value: Any) => Verdict> = { ...REQUESTS[action], "id?": isId };
  const verdicts = Object.entries(fields).map(([written, check]) => {
    const name = written.replace("?", "");
    if (Object.hasOwn(frame, name)) return check(frame[name]);
    return written.endsWith("?");
  });
  const known = new Set(["action", ...Object.keys(fields).map((name) => name.replace("?", ""))]);
  const hasOthers = Object.keys(frame).some((name) => !known.has(name));
  const goesBothWays = action === "getHistory" && frame.after !== undefined && frame.before !== undefined;
  return all([frame.action === action, !hasOthers, !goesBothWays, ...verdicts]);
}

function all(verdicts: Verdict[]): Verdict {
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}

/** The room of a valid frame, in the form in which it is stored. */
export function roomOf(frame: { room?: string }): string {
  return (frame.room ?? "lobby").normalize("NFC");
}
