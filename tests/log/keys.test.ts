/** No two rows of a log share a key, whatever characters names and ids contain. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { append } from "../../chat/log/append.ts";
import { headOf, headsOf } from "../../chat/log/heads.ts";
import { readAfter } from "../../chat/log/read.ts";
import { dedupeKey, entryKey, headKey } from "../../chat/log/rows.ts";
import type { Page } from "../../protocol/responses.ts";
import { LogTable, MESSAGES } from "./logTable.ts";

let table: LogTable;

beforeAll(async () => {
  table = await LogTable.start();
});
afterAll(() => table?.stop());

const say = (room: string, user: string, id: string) =>
  append(MESSAGES, {
    room,
    user: { id: user, name: user },
    id,
    content: { kind: "message", text: `${room} ${user} ${id}` },
    retry: false,
  });

/** Characters that separate parts of a key or escape them, and characters of several bytes. */
const awkward = fc.string({
  unit: fc.constantFrom("#", "/", "%", "%23", "%2523", " ", "+", "0", "1", "a", "É", "🎉", "\u0000", "ROOM#", "META#"),
  minLength: 1,
  maxLength: 4,
});

test("requests with a different room, user or id have different keys", () => {
  const request = fc.tuple(awkward, awkward, awkward);
  const property = fc.property(request, request, (one, other) => {
    fc.pre(one.join("\n") !== other.join("\n"));
    expect(dedupeKey(...one)).not.toEqual(dedupeKey(...other));
  });
  fc.assert(property, {
    numRuns: 2_000,
    examples: [
      [
        ["a#b", "c", "d"],
        ["a", "b#c", "d"],
      ],
      [
        ["a", "b#c", "d"],
        ["a", "b", "c#d"],
      ],
      [
        ["a%23b", "c", "d"],
        ["a#b", "c", "d"],
      ],
    ],
  });
});

test("rows of different kinds or rooms are never in the same partition", () => {
  const property = fc.property(awkward, awkward, fc.nat(30_000), fc.nat(30_000), (one, other, n, m) => {
    const [first, second] = [entryKey(one, n).pk, entryKey(other, m).pk];
    const samePartition = one === other && Math.floor(n / 10_000) === Math.floor(m / 10_000);
    expect({ one, n, other, m, same: first === second }).toEqual({ one, n, other, m, same: samePartition });
    expect(headKey(one).pk === headKey(other).pk).toBe(one === other);
    const claim = dedupeKey(one, other, other).pk;
    expect([headKey(other).pk, claim]).not.toContain(first);
    expect(claim).not.toBe(headKey(other).pk);
  });
  fc.assert(property, { numRuns: 2_000 });
});

test("rooms, users and ids with special characters keep their messages apart", async () => {
  const names = ["a", "a#b", "b", "a/b", "a%23b", "a b", "a+b", "🎉", "🎉#🎉", "__proto__", "..", "a\u0301"];
  for (const room of names) {
    for (const [user, id] of [
      ["a#b", "c"],
      ["a", "b#c"],
      ["a", "b%23c"],
    ] as const) {
      expect(await say(room, user, id)).toMatchObject({ duplicate: false });
      expect(await say(room, user, id)).toMatchObject({ duplicate: true });
    }
  }
  for (const room of names) {
    // The three messages, and the void position of each one's retry.
    expect(await headOf(MESSAGES, room)).toMatchObject({ head: 6 });
    const { entries } = (await readAfter(MESSAGES, room, 0, 100)) as Page;
    expect(entries.map((entry) => entry.kind === "message" && entry.text)).toEqual([
      `${room} a#b c`,
      `${room} a b#c`,
      `${room} a b%23c`,
    ]);
  }
  const heads = await headsOf(MESSAGES, [...names, "nobody has spoken here"]);
  expect(Object.entries(heads)).toEqual([...names.map((room) => [room, 6]), ["nobody has spoken here", 0]]);
});

test("the longest accepted room, user and id fit into a key", async () => {
  // These are 64 characters in 256 bytes of UTF-8, a subject of 128 characters and an id of 64.
  expect(await say("🎉".repeat(64), "語".repeat(128), "語".repeat(64))).toMatchObject({ entry: { seq: 1 } });
});
