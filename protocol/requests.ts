/**
 * Frames from client to server. Each has one schema, and its type, checks and error paths come from that schema. Each
 * schema checks the length of a value before it does anything else with it, so that refusing a frame takes time in
 * proportion to its length.
 */
import * as v from "valibot";
import {
  bytesOf,
  canonicalEmoji,
  hasAtMost,
  isStreamSafe,
  isVisible,
  MAX_RAW_ROOM_UNITS,
  MAX_ROOM_BYTES,
  MAX_ROOM_GRAPHEMES,
  MAX_TEXT_BYTES,
} from "./text";

/** Maximum number of positions in a page. */
export const MAX_PAGE = 100;

/** Maximum number of rooms that a frame may name. */
export const MAX_ROOMS = 25;

const wellFormed = v.check(
  (text: string) => text.isWellFormed(),
  "has a lone surrogate, which cannot be stored as it is",
);

/** The client's request id, which a retry repeats. */
export const RequestId = v.pipe(
  v.string(),
  v.minLength(1, "must have 1 to 64 characters"),
  v.maxLength(64, "must have 1 to 64 characters"),
  wellFormed,
);

const TOO_LONG_ROOM = `is longer than ${MAX_ROOM_BYTES} bytes of UTF-8`;

/** A room's name, normalized so that two encodings of it mean the same room. */
export const RoomName = v.pipe(
  v.string(),
  v.nonEmpty("must not be empty"),
  v.maxLength(MAX_RAW_ROOM_UNITS, TOO_LONG_ROOM),
  wellFormed,
  v.check(isStreamSafe, "has more than 30 combining marks in a row"),
  v.normalize("NFC"),
  v.check((name) => hasAtMost(name, MAX_ROOM_GRAPHEMES), `is longer than ${MAX_ROOM_GRAPHEMES} characters`),
  v.maxBytes(MAX_ROOM_BYTES, TOO_LONG_ROOM),
  v.check((name) => !/\p{Cc}/u.test(name), "has a control character"),
  v.check(isVisible, "has no visible characters"),
);

const TOO_LONG_TEXT = `is longer than ${MAX_TEXT_BYTES} bytes of UTF-8`;

/** A message's text: 1 to 8,192 bytes of UTF-8. */
export const Text = v.pipe(
  v.string(),
  v.nonEmpty("must not be empty"),
  // A UTF-16 unit takes at least one byte of UTF-8, so this check needs no encoding.
  v.maxLength(MAX_TEXT_BYTES, TOO_LONG_TEXT),
  wellFormed,
  v.maxBytes(MAX_TEXT_BYTES, TOO_LONG_TEXT),
  // A control character takes one byte as text and six in a frame.
  v.check(
    (text) => bytesOf(JSON.stringify(text)) <= 2 * MAX_TEXT_BYTES,
    `is longer than ${2 * MAX_TEXT_BYTES} bytes as JSON`,
  ),
);

const Emoji = v.pipe(v.string(), v.transform(canonicalEmoji), v.string("one emoji is expected, such as 👍"));

/** A position in a room's order. */
export const Position = v.pipe(v.number(), v.safeInteger("must be a whole number"), v.minValue(1, "must be 1 or more"));

/** The position of the last entry that a reader has, or 0 before the first entry. */
const Cursor = v.pipe(v.number(), v.safeInteger("must be a whole number"), v.minValue(0, "must be 0 or more"));

/** A person's stable id, as in entries. */
const UserId = v.pipe(
  v.string(),
  v.nonEmpty("must not be empty"),
  v.maxLength(512, "is longer than 512 bytes of UTF-8"),
  wellFormed,
  v.maxBytes(512, "is longer than 512 bytes of UTF-8"),
);

/**
 * An object with only these fields, because a misspelled field would otherwise be ignored. The annotation lets the
 * bundler omit schemas that a function doesn't use.
 */
/* @__NO_SIDE_EFFECTS__ */
export function exact<Fields extends v.ObjectEntries>(fields: Fields) {
  return v.strictObject(fields, ({ expected }) => {
    if (expected === "never") return "is not a field of this frame";
    // For a missing field, `expected` is the field's name in quotes.
    return expected === "Object" ? "an object is expected" : "is missing";
  });
}

/** A list of at most 25 rooms; their number is checked before the rooms themselves. */
/* @__NO_SIDE_EFFECTS__ */
function fewRooms<Item extends v.GenericSchema>(item: Item) {
  return v.pipe(v.array(v.unknown()), v.maxLength(MAX_ROOMS, `has more than ${MAX_ROOMS} rooms`), v.array(item));
}

const Named = { id: v.optional(RequestId) };
/** A frame without a room means the lobby; the server fills it in before validation. */
const InRoom = { ...Named, room: RoomName };
/** Fields of every append. `retry` says that the frame was sent before; the flag only saves writes. */
const Append = { ...InRoom, retry: v.optional(v.boolean(), false) };

/** States which rooms the client follows and how far it has read each; answered by `ready`. */
export const Hello = exact({
  action: v.literal("hello"),
  ...Named,
  rooms: v.optional(fewRooms(exact({ room: RoomName, after: v.optional(Cursor) })), []),
});

/** Joins a room, creating it if it doesn't exist; answered by `ack` with the newest page, or the page after `after`. */
export const JoinRoom = exact({ action: v.literal("joinRoom"), ...InRoom, after: v.optional(Cursor) });

/** Leaves a room and removes it from the person's list; answered by `ack`. */
export const LeaveRoom = exact({ action: v.literal("leaveRoom"), ...InRoom });

/** Appends a message to a room; answered by `ack` with the message's position. */
export const SendMessage = exact({
  action: v.literal("sendMessage"),
  ...Append,
  text: Text,
  replyTo: v.optional(Position),
});

/** Replaces the text of one's own message; answered by `ack` with the position of the edit. */
export const EditMessage = exact({ action: v.literal("editMessage"), ...Append, target: Position, text: Text });

/** Deletes a message and erases its text; answered by `ack` with the position of the deletion. */
export const DeleteMessage = exact({ action: v.literal("deleteMessage"), ...Append, target: Position });

/** Adds or removes a reaction to a message; answered by `ack` with the position of the new entry. */
export const React = exact({
  action: v.literal("react"),
  ...Append,
  target: Position,
  emoji: Emoji,
  on: v.optional(v.boolean(), true),
});

/** Reads a page of a room, before or after a position; answered by `page` or `reset`. */
export const GetHistory = v.pipe(
  exact({
    action: v.literal("getHistory"),
    ...InRoom,
    after: v.optional(Cursor),
    before: v.optional(Position),
    limit: v.optional(
      v.pipe(
        v.number(),
        v.safeInteger("must be a whole number"),
        v.minValue(1, `must be from 1 to ${MAX_PAGE}`),
        v.maxValue(MAX_PAGE, `must be from 1 to ${MAX_PAGE}`),
      ),
      MAX_PAGE,
    ),
  }),
  v.forward(
    v.partialCheck(
      [["after"], ["before"]],
      ({ after, before }) => after === undefined || before === undefined,
      "cannot be combined with after: a page has one direction",
    ),
    ["before"],
  ),
);

/** Tells the others in a small room that the user is typing or has stopped; not answered. */
export const SetTyping = exact({ action: v.literal("setTyping"), ...InRoom, typing: v.boolean() });

/** Reports how far the user has read a room, which holds for all their devices; not answered. */
export const MarkRead = exact({ action: v.literal("markRead"), ...InRoom, seq: Position });

/** Lists the user's rooms with their unread counts, page by page; answered by `rooms`. */
export const ListRooms = exact({ action: v.literal("listRooms"), ...Named, after: v.optional(RoomName) });

/** Lists the people in a room, at most 100; answered by `presence`. */
export const ListMembers = exact({ action: v.literal("listMembers"), ...InRoom });

/** Keeps the connection open, and requests the last positions of rooms; answered by `pong`. */
export const Ping = exact({
  action: v.literal("ping"),
  ...Named,
  rooms: v.optional(fewRooms(RoomName), []),
});

/** Replaces the connection's token with a newer one; answered by `ack` with its lifetime. */
export const RefreshToken = exact({
  action: v.literal("refreshToken"),
  ...Named,
  token: v.pipe(v.string(), v.nonEmpty("must not be empty"), v.maxLength(8_192)),
});

/** Lets a person into a room, or changes their role there; answered by `ack`. */
export const Invite = exact({
  action: v.literal("invite"),
  ...InRoom,
  user: UserId,
  moderator: v.optional(v.boolean(), false),
});

/** Keeps a person out of a room and closes their connections; answered by `ack`. */
export const Ban = exact({ action: v.literal("ban"), ...InRoom, user: UserId });

/** Every frame that a client sends, by `action`. */
export type ClientFrame =
  | v.InferInput<typeof Hello>
  | v.InferInput<typeof JoinRoom>
  | v.InferInput<typeof LeaveRoom>
  | v.InferInput<typeof SendMessage>
  | v.InferInput<typeof EditMessage>
  | v.InferInput<typeof DeleteMessage>
  | v.InferInput<typeof React>
  | v.InferInput<typeof GetHistory>
  | v.InferInput<typeof SetTyping>
  | v.InferInput<typeof MarkRead>
  | v.InferInput<typeof ListRooms>
  | v.InferInput<typeof ListMembers>
  | v.InferInput<typeof Ping>
  | v.InferInput<typeof RefreshToken>
  | v.InferInput<typeof Invite>
  | v.InferInput<typeof Ban>;
