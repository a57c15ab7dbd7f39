/**
 * Frames from client to server: one schema each; types, checks and error paths come from it. Each schema checks the
 * length of a value before it does anything else with it, so that refusing a frame takes time in proportion to its
 * length.
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

/** Positions of a page at most. */
export const MAX_PAGE = 100;

/** Rooms that a frame may name at most. */
export const MAX_ROOMS = 25;

const wellFormed = v.check(
  (text: string) => text.isWellFormed(),
  "has a lone surrogate, which cannot be stored as it is",
);

/** The client's request id: what a retry repeats. */
export const RequestId = v.pipe(
  v.string(),
  v.minLength(1, "must have 1 to 64 characters"),
  v.maxLength(64, "must have 1 to 64 characters"),
  wellFormed,
);

const TOO_LONG_ROOM = `is longer than ${MAX_ROOM_BYTES} bytes of UTF-8`;

/** Normalizes names, so that two encodings of a name mean one room. */
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
  v.check(isVisible, "has nothing that can be seen"),
);

const TOO_LONG_TEXT = `is longer than ${MAX_TEXT_BYTES} bytes of UTF-8`;

/** A message's text: 1 to 8,192 bytes of UTF-8. */
export const Text = v.pipe(
  v.string(),
  v.nonEmpty("must not be empty"),
  // A UTF-16 unit is a byte of UTF-8 or more: this check needs no encoding.
  v.maxLength(MAX_TEXT_BYTES, TOO_LONG_TEXT),
  wellFormed,
  v.maxBytes(MAX_TEXT_BYTES, TOO_LONG_TEXT),
  // A control character is one byte of text and six of a frame.
  v.check(
    (text) => bytesOf(JSON.stringify(text)) <= 2 * MAX_TEXT_BYTES,
    `is longer than ${2 * MAX_TEXT_BYTES} bytes as JSON`,
  ),
);

const Emoji = v.pipe(v.string(), v.transform(canonicalEmoji), v.string("one emoji is expected, such as 👍"));

/** A place in a room's order. */
export const Position = v.pipe(v.number(), v.safeInteger("must be a whole number"), v.minValue(1, "must be 1 or more"));

/** The last position that a reader has; 0 before the first. */
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
 * An object with these fields and no others: a misspelled one would be a wish that nobody hears. The mark lets the
 * bundler leave out the schemas that a function does not use.
 */
/* @__NO_SIDE_EFFECTS__ */
export function exact<Fields extends v.ObjectEntries>(fields: Fields) {
  return v.strictObject(fields, ({ expected }) => {
    if (expected === "never") return "is no field of this frame";
    // Otherwise it names the field, in quotes.
    return expected === "Object" ? "an object is expected" : "is missing";
  });
}

/** At most 25 items; their number is checked before the items themselves. */
/* @__NO_SIDE_EFFECTS__ */
function fewRooms<Item extends v.GenericSchema>(item: Item) {
  return v.pipe(v.array(v.unknown()), v.maxLength(MAX_ROOMS, `has more than ${MAX_ROOMS} rooms`), v.array(item));
}

const Named = { id: v.optional(RequestId) };
/** A frame that names no room is about the lobby; a server fills it in before it validates. */
const InRoom = { ...Named, room: RoomName };
/** Fields of every append. `retry` says that the frame was sent before; it saves writes and changes nothing else. */
const Append = { ...InRoom, retry: v.optional(v.boolean(), false) };

/** Says which rooms the client follows, and how far it has read each; answered by `ready`. */
export const Hello = exact({
  action: v.literal("hello"),
  ...Named,
  rooms: v.optional(fewRooms(exact({ room: RoomName, after: v.optional(Cursor) })), []),
});

/**
 * Enters a room, and creates it where there is none; answered by `ack` with its newest page, or what follows `after`.
 */
export const JoinRoom = exact({ action: v.literal("joinRoom"), ...InRoom, after: v.optional(Cursor) });

/** Leaves a room and takes it off the person's list; answered by `ack`. */
export const LeaveRoom = exact({ action: v.literal("leaveRoom"), ...InRoom });

/** Appends a message to a room; answered by `ack` with its position. */
export const SendMessage = exact({
  action: v.literal("sendMessage"),
  ...Append,
  text: Text,
  replyTo: v.optional(Position),
});

/** Gives one's own message another text; answered by `ack` with the position of the edit. */
export const EditMessage = exact({ action: v.literal("editMessage"), ...Append, target: Position, text: Text });

/** Deletes a message and erases its text; answered by `ack` with the position of the deletion. */
export const DeleteMessage = exact({ action: v.literal("deleteMessage"), ...Append, target: Position });

/** Adds a reaction to a message, or takes it back; answered by `ack` with its position. */
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
      "cannot stand beside after: a page goes one way",
    ),
    ["before"],
  ),
);

/** Tells the others in a small room that somebody is typing, or has stopped; not answered. */
export const SetTyping = exact({ action: v.literal("setTyping"), ...InRoom, typing: v.boolean() });

/** Says how far somebody has read a room, on all their devices; not answered. */
export const MarkRead = exact({ action: v.literal("markRead"), ...InRoom, seq: Position });

/** Reads the rooms of a person with what is unread in each, page by page; answered by `rooms`. */
export const ListRooms = exact({ action: v.literal("listRooms"), ...Named, after: v.optional(RoomName) });

/** Reads who is in a small room; answered by `presence`. */
export const ListMembers = exact({ action: v.literal("listMembers"), ...InRoom });

/** Keeps the connection open, and asks for the last positions of rooms; answered by `pong`. */
export const Ping = exact({
  action: v.literal("ping"),
  ...Named,
  rooms: v.optional(fewRooms(RoomName), []),
});

/** Puts a newer token in place of the connection's; answered by `ack` with its lifetime. */
export const RefreshToken = exact({
  action: v.literal("refreshToken"),
  ...Named,
  token: v.pipe(v.string(), v.nonEmpty("must not be empty"), v.maxLength(8_192)),
});

/** Lets somebody into a room, or gives them another role there; answered by `ack`. */
export const Invite = exact({
  action: v.literal("invite"),
  ...InRoom,
  user: UserId,
  moderator: v.optional(v.boolean(), false),
});

/** Keeps somebody out of a room and closes their connections; answered by `ack`. */
export const Ban = exact({ action: v.literal("ban"), ...InRoom, user: UserId });

/** Frames that clients send, by the name of the action. */
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
