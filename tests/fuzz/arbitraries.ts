/**
 * Frames that none of our clients sends. A frame is generated as text, not as an object, so that its numbers, keys and
 * their order can be anything that JSON allows, including forms that `JSON.stringify` never writes.
 */
import * as fc from "fast-check";
import { ACTIONS, type Action } from "../../protocol/actions.ts";

/** Names that frames may use. */
export interface Vocabulary {
  rooms: string[];
  people: string[];
  tokens: string[];
  /** Maximum number of UTF-16 code units in a frame. */
  mostUnits: number;
}

/** Routes for frames, except `$default`. */
export const ROUTES: ReadonlySet<string> = new Set(ACTIONS);

/** Keys and values of an object, each as JSON text. */
type Fields = [key: string, value: string][];

const json = (value: unknown) => JSON.stringify(value);
const asJson = (values: fc.Arbitrary<unknown>) => values.map(json);

const BRACKETS = 16_000;

/** Numbers in any JSON form. */
const NUMBERS = [
  ...["0", "-0", "-0.0", "0e0", "1", "-1", "1.0", "10e-1", "0.5", "-0.5", "1e-7", "1E400", "-1e400", "1e21"],
  ...["99", "100", "101", "9999", "10000", "10001", "2147483648", "4294967297", "9007199254740991"],
  ...["9007199254740992", "9007199254740993", "-9007199254740993", "123456789012345678901234567890", "1e308"],
];

/** Strings with a special meaning in some part of the system. */
const TEXTS = [
  ...["", " ", "\u0000", "\u0000\u0001\u001f", "\u007f\u0085", "\ud800", "x\udfff", "\udc00\ud800", "\ufeff", "\u2028"],
  ...["👍", "👍🏽", "❤", "❤️", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇩🇪", "🇩", "1️⃣", "👍👍", "👍x", "‍", "\ufe0f"],
  ...["e\u0301", "é", "\u0958", "ﷺ", "ſ", "İ", "ẛ̣", "Z̷̢̛͖͚a̴l̸g̶o̷", "؜‮abc", "𝒳"],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "null", "undefined", "NaN", "true", "0", "-1"],
  ...["ROOM#lobby", "CONN#x", "lobby#0", "private-secret#USER#fuzz-1", "USER#", "#", "%", "%23", "%2e%2e", "../../x"],
  ...[
    "PRIVATE-secret",
    "private-secret ",
    " private-secret",
    "private-secret\u0000",
    "private%2Dsecret",
    "ｐrivate-secret",
  ],
  ...["' OR 1=1 --", "${jndi:x}", "{{7*7}}", "<script>alert(1)</script>", "attribute_not_exists(pk)", ":value"],
];

const KEYS = [
  ...["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "__defineGetter__", "then"],
  ...[
    "",
    " ",
    "Action",
    "ACTION",
    "action ",
    "\u0000",
    "\ud800",
    "user",
    "name",
    "sub",
    "connectionId",
    "sentAt",
    "seq",
  ],
  ...[
    "admin",
    "role",
    "erased",
    "a.b",
    "rooms.0.room",
    "👍",
    "length",
    "0",
    "type",
    "code",
    "kind",
    "hash",
    "pk",
    "sk",
  ],
];

/** Lengths near limits. */
const LENGTHS = [
  1, 2, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 2_731, 4_096, 8_191, 8_192, 8_193, 16_000,
];

const UNITS = ["a", "é", "👍", "\u0000", '"', "\\", "\ud800", "e\u0301", "👨‍👩‍👧‍👦", "字", "\u2028", "#", "%"];

const longText = fc
  .tuple(fc.constantFrom(...UNITS), fc.constantFrom(...LENGTHS), fc.constantFrom("", "", "x", "👍"))
  .map(([unit, length, end]) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length - end.length) + end);

const anyText = fc.oneof(
  { arbitrary: fc.constantFrom(...TEXTS), weight: 5 },
  { arbitrary: fc.string({ unit: "binary", maxLength: 40 }), weight: 2 },
  { arbitrary: fc.string({ unit: "grapheme", maxLength: 70 }), weight: 2 },
  { arbitrary: longText, weight: 1 },
);

const deep = fc
  .tuple(
    fc.constantFrom<[string, string]>(["[", "]"], ['{"a":', "}"], ['{"__proto__":', "}"], ['[{"rooms":', "}]"]),
    fc.constantFrom(2, 20, 500, 3_000),
  )
  .map(([[open, close], depth]) => `${open.repeat(depth)}1${close.repeat(depth)}`);

const PROTOTYPES = [
  '{"__proto__":{"moderator":true,"role":"moderator"}}',
  '{"constructor":{"prototype":{"polluted":"yes"}}}',
  '{"toString":1,"valueOf":null,"length":-1}',
  '{"0":"a","1":"b","length":2}',
  '{"toJSON":"x","then":"y"}',
];

/** Any JSON, as text. */
const anyValue: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom(...NUMBERS), weight: 4 },
  { arbitrary: asJson(anyText), weight: 5 },
  { arbitrary: fc.constantFrom("null", "true", "false", "[]", "{}", "[null]", '""', '[""]', "[[]]"), weight: 3 },
  { arbitrary: fc.constantFrom(...PROTOTYPES), weight: 1 },
  { arbitrary: fc.json({ maxDepth: 2 }), weight: 1 },
  { arbitrary: deep, weight: 1 },
);

/** Valid or nearly valid fields of frames. */
function fieldsOf({ rooms, people, tokens }: Vocabulary): Record<string, fc.Arbitrary<string>> {
  const room = fc.oneof(
    { arbitrary: asJson(fc.constantFrom(...rooms)), weight: 12 },
    { arbitrary: asJson(anyText), weight: 1 },
  );
  const position = fc.oneof(
    { arbitrary: asJson(fc.integer({ min: 1, max: 40 })), weight: 6 },
    { arbitrary: fc.constantFrom(...NUMBERS), weight: 1 },
  );
  const flag = fc.constantFrom("true", "false");
  const cursor = fc.oneof({ arbitrary: position, weight: 3 }, { arbitrary: fc.constant("0"), weight: 1 });
  const roomAndCursor = fc
    .tuple(room, fc.option(cursor))
    .map(([name, after]) => `{"room":${name}${after === null ? "" : `,"after":${after}`}}`);
  return {
    id: fc.oneof(
      { arbitrary: asJson(fc.uuid()), weight: 5 },
      { arbitrary: fc.constantFrom('"again"', '"once more"', '"👍"'), weight: 2 },
      { arbitrary: asJson(fc.string({ unit: "binary", minLength: 1, maxLength: 30 })), weight: 1 },
    ),
    room,
    text: fc.oneof(
      { arbitrary: asJson(fc.string({ minLength: 1, maxLength: 60 })), weight: 3 },
      { arbitrary: asJson(anyText), weight: 1 },
    ),
    target: position,
    replyTo: position,
    seq: position,
    after: cursor,
    before: position,
    limit: asJson(fc.integer({ min: 1, max: 100 })),
    emoji: asJson(fc.constantFrom("👍", "❤", "❤️", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👍🏽", "1️⃣", "🇩🇪")),
    on: flag,
    retry: flag,
    typing: flag,
    moderator: flag,
    user: asJson(fc.constantFrom(...people)),
    token: asJson(fc.constantFrom(...tokens)),
    rooms: fc.array(roomAndCursor, { maxLength: 6 }).map((all) => `[${all.join(",")}]`),
    names: fc.array(room, { maxLength: 26 }).map((all) => `[${all.join(",")}]`),
    afterRoom: room,
  };
}

/** Names under which `fieldsOf` has the values of some fields, by `action.field`. */
const VALUES: Record<string, string> = { "ping.rooms": "names", "listRooms.after": "afterRoom" };

/** Fields by action; those with `?` are optional. */
const SHAPES: Record<Action, string[]> = {
  hello: ["rooms?"],
  joinRoom: ["room", "after?"],
  leaveRoom: ["room"],
  sendMessage: ["room", "text", "replyTo?", "retry?"],
  editMessage: ["room", "target", "text", "retry?"],
  deleteMessage: ["room", "target", "retry?"],
  react: ["room", "target", "emoji", "on?", "retry?"],
  getHistory: ["room", "after?", "before?", "limit?"],
  setTyping: ["room", "typing"],
  markRead: ["room", "seq"],
  listRooms: ["after?"],
  listMembers: ["room"],
  ping: ["rooms?"],
  refreshToken: ["token"],
  invite: ["room", "user", "moderator?"],
  ban: ["room", "user"],
};

const COMMON: Action[] = ["sendMessage", "sendMessage", "joinRoom", "joinRoom", "hello", "getHistory", "react"];

function rightFields(vocabulary: Vocabulary): fc.Arbitrary<Fields> {
  const values = fieldsOf(vocabulary);
  const one = (action: Action): fc.Arbitrary<Fields> => {
    const fields = ["id?", ...SHAPES[action]].map((written) => {
      const name = written.replace("?", "");
      const valueName = VALUES[`${action}.${name}`] ?? name;
      const value = (values[valueName] as fc.Arbitrary<string>).map((text): Fields => [[json(name), text]]);
      const none = fc.constant<Fields>([]);
      return written.endsWith("?") || name === "room"
        ? fc.oneof({ arbitrary: value, weight: name === "room" ? 9 : 1 }, { arbitrary: none, weight: 1 })
        : value;
    });
    return fc.tuple(...fields).map((all) => [['"action"', json(action)] as [string, string], ...all.flat()]);
  };
  return fc.constantFrom(...ACTIONS, ...COMMON).chain(one);
}

type Change = (fields: Fields) => Fields;

const aKey = fc.oneof(
  { arbitrary: asJson(fc.constantFrom(...KEYS)), weight: 6 },
  { arbitrary: asJson(anyText), weight: 1 },
);

/** Mutations of one field. */
const changes: fc.Arbitrary<Change> = fc.oneof(
  // Replaces the value with one of another type, or one near a limit.
  { arbitrary: at(anyValue, (fields, i, value) => fields.with(i, [fields[i]?.[0] as string, value])), weight: 6 },
  { arbitrary: at(fc.constant(""), (fields, i) => fields.filter((_, other) => other !== i)), weight: 2 },
  // Repeats the key: JSON.parse decides which value counts, and API Gateway may decide otherwise.
  { arbitrary: at(anyValue, (fields, i, value) => [...fields, [fields[i]?.[0] as string, value]]), weight: 1 },
  { arbitrary: at(anyValue, (fields, i, value) => [[fields[i]?.[0] as string, value], ...fields]), weight: 1 },
  {
    arbitrary: fc.tuple(aKey, anyValue, fc.boolean()).map(
      ([key, value, first]): Change =>
        (fields) =>
          first ? [[key, value], ...fields] : [...fields, [key, value]],
    ),
    weight: 3,
  },
  { arbitrary: at(aKey, (fields, i, key) => fields.with(i, [key, fields[i]?.[1] as string])), weight: 1 },
  {
    arbitrary: fc.constantFrom<string>(...ACTIONS, "nope", "$default", "$connect", "Ping").map(
      (action): Change =>
        (fields) => [['"action"', json(action)], ...fields.slice(1)],
    ),
    weight: 1,
  },
);

function at(values: fc.Arbitrary<string>, change: (fields: Fields, i: number, value: string) => Fields) {
  return fc.tuple(values, fc.nat(20)).map(
    ([value, n]): Change =>
      (fields) =>
        fields.length === 0 ? fields : change(fields, n % fields.length, value),
  );
}

type Garble = (text: string) => string;

/** Mutations of JSON text. */
const garbles: fc.Arbitrary<Garble> = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }).map(
    (part): Garble =>
      (text) =>
        text.slice(0, Math.floor(part * text.length)),
  ),
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.string({ unit: "binary", minLength: 1, maxLength: 3 })).map(
    ([part, junk]): Garble =>
      (text) => {
        const cut = Math.floor(part * text.length);
        return text.slice(0, cut) + junk + text.slice(cut);
      },
  ),
  fc.constantFrom<Garble>(
    (text) => `\ufeff${text}`,
    (text) => `${text}\u0000`,
    (text) => ` \t\r\n${text}\n`,
    (text) => `[${text}]`,
    (text) => `${text}${text}`,
    (text) => `{"action":${text}}`,
    (text) => json(text),
    (text) => text.replaceAll('"', "'"),
    (text) => text.replace("}", ",}"),
    (text) => `${text}//`,
    (text) => text.toUpperCase(),
  ),
);

const junk = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  anyValue,
  fc.json({ maxDepth: 4 }),
  fc.constantFrom(
    ...["", " ", "{", "}", "[", "]", '"', "0", "null", "{}", "[]", "\u0000", "\ufeff{}", "NaN", "undefined", "'", "//"],
    ...["[".repeat(2 * BRACKETS), "{".repeat(2 * BRACKETS), "[".repeat(BRACKETS) + "]".repeat(BRACKETS)],
    `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`,
    `{"action":${"[".repeat(BRACKETS / 2)}${"]".repeat(BRACKETS / 2)}}`,
    `{"action":"${"a".repeat(32_000)}"}`,
    `{"action":"ping","${"k".repeat(32_000)}":1}`,
    `{"action":"ping","rooms":[${'"a",'.repeat(7_000)}"a"]}`,
    `"${"\\u0000".repeat(5_000)}"`,
  ),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
);

const textOf = (fields: Fields) => `{${fields.map(([key, value]) => `${key}:${value}`).join(",")}}`;

/** Frames: some valid, most invalid in one or two ways, some not frames at all. */
export function frames(vocabulary: Vocabulary): fc.Arbitrary<string> {
  const right = rightFields(vocabulary);
  const changed = fc
    .tuple(right, fc.array(changes, { minLength: 1, maxLength: 2 }))
    .map(([fields, all]) => all.reduce((made, change) => change(made), fields));
  return fc
    .oneof(
      { arbitrary: right.map(textOf), weight: 8 },
      { arbitrary: changed.map(textOf), weight: 9 },
      { arbitrary: fc.tuple(right, garbles).map(([fields, garble]) => garble(textOf(fields))), weight: 2 },
      { arbitrary: junk, weight: 1 },
    )
    .map((text) => text.slice(0, vocabulary.mostUnits));
}
