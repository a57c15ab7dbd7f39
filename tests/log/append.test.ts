/** Appends to a room's log: one entry for each (user, room, id), at one position, however often the request is sent. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Appended, append, type Request } from "../../chat/log/append.ts";
import { dedupeKey, entryKey } from "../../chat/log/rows.ts";
import type { EntryContent } from "../../protocol/entries.ts";
import { LogTable, MESSAGES } from "./logTable.ts";

const ANA = { id: "ana", name: "Ana" };
const BOB = { id: "bob", name: "Bob" };
const HOUR_MS = 3_600_000;

let table: LogTable;
let room = "";
let rooms = 0;

beforeAll(async () => {
  table = await LogTable.start();
});
afterAll(() => table?.stop());

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  room = `room ${++rooms}`;
});
afterEach(() => {
  vi.useRealTimers();
  table.reset();
});

const say = (text: string, id: string, request: Partial<Request> = {}): Promise<Appended> =>
  append(MESSAGES, { room, user: ANA, id, content: { kind: "message", text }, retry: false, ...request });
const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe("a message", () => {
  test("takes the next position of its room, from 1", async () => {
    const seqs = [];
    for (const id of ["a", "b", "c"]) seqs.push((await say("hi", id)).entry.seq);
    expect(seqs).toEqual([1, 2, 3]);
    expect((await say("hi", "a", { room: `${room}, the other` })).entry.seq).toBe(1);
  });

  test("is stored as it is returned: content, author, id and the server's time", async () => {
    vi.setSystemTime(1_800_000_000_000);
    const question = await say("question", "q");
    const content: EntryContent = { kind: "message", text: "hi", replyTo: 1 };
    const { entry, duplicate, isNew } = await say("", "a", { content });
    const stored = { seq: 2, kind: "message", text: "hi", replyTo: 1, id: "a", user: ANA, sentAt: 1_800_000_000_000 };
    expect({ entry, duplicate, isNew }).toEqual({ entry: stored, duplicate: false, isNew: true });
    expect(await table.entriesOf(room)).toEqual([question.entry, stored]);
  });

  test.each([2, 3, Number.MAX_SAFE_INTEGER])(
    "that replies to position %i in a room that ends at 1 is NOT_FOUND and claims no position",
    async (replyTo) => {
      await say("hi", "a");
      const reply = say("", "b", { content: { kind: "message", text: "ho", replyTo } });
      await expect(reply).rejects.toMatchObject({ name: "Refusal", code: "NOT_FOUND" });
      expect((await table.entriesOf(room)).map(({ kind }) => kind)).toEqual(["message", "void"]);
      // The id can still be used.
      expect(await say("ho", "b")).toMatchObject({ entry: { seq: 3 }, duplicate: false });
    },
  );

  test("leaves nothing else in the log: no void position and no hole", async () => {
    for (const id of ["a", "b"]) await say("hi", id);
    expect(await table.headOf(room)).toBe(2);
    expect(await table.entriesOf(room)).toHaveLength(2);
  });
});

describe.each([{ retry: false }, { retry: true }])("a repeated append with retry: $retry", ({ retry }) => {
  test("gets the first position and time, and writes no second entry", async () => {
    const first = await say("hi", "a");
    await say("in between", "b");
    later(HOUR_MS);
    const again = await say("hi", "a", { retry });
    expect(again).toEqual({ entry: first.entry, duplicate: true, isNew: false });
    expect((await table.visibleOf(room)).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  test("changes no existing entry, even if the author's name has changed", async () => {
    await say("hi", "a");
    const before = await table.visibleOf(room);
    later(HOUR_MS);
    await say("hi", "a", { retry, user: { ...ANA, name: "Ana Maria" } });
    expect(await table.visibleOf(room)).toEqual(before);
  });

  test("is recognized for 24 hours, and after that as long as the expired row isn't deleted", async () => {
    const { entry } = await say("hi", "a");
    for (const hours of [23, 24, 72]) {
      later(hours * HOUR_MS);
      expect((await say("hi", "a", { retry })).entry).toEqual(entry);
    }
    const claim = (await table.rows()).find(({ pk }) => pk === dedupeKey(room, "ana", "a").pk);
    expect(claim?.expiresAt).toBeGreaterThan(entry.sentAt / 1000 + 24 * 3600);
  });

  test("with the same content but a different order of fields is a retry", async () => {
    await say("good", "m");
    const first = await say("", "a", { content: { kind: "edit", target: 1, text: "better" } });
    const again = await say("", "a", { retry, content: { text: "better", target: 1, kind: "edit" } });
    expect(again).toMatchObject({ duplicate: true, entry: { seq: first.entry.seq } });
  });

  test.each<[difference: string, content: EntryContent]>([
    ["another text", { kind: "message", text: "ho" }],
    ["a reply", { kind: "message", text: "hi", replyTo: 1 }],
    ["an edit", { kind: "edit", target: 1, text: "hi" }],
    ["a deletion", { kind: "delete", target: 1 }],
  ])("with different content is refused with ID_CONFLICT: %s", async (_, content) => {
    await say("hi", "a");
    await expect(say("", "a", { retry, content })).rejects.toMatchObject({ name: "Refusal", code: "ID_CONFLICT" });
    expect(await table.visibleOf(room)).toMatchObject([{ kind: "message", text: "hi" }]);
    // The refused append's position was released, so no reader has to wait for it.
    expect(await table.entriesOf(room)).toHaveLength(await table.headOf(room));
    const next = await say("hi", "b");
    expect(await table.entriesOf(room)).toHaveLength(next.entry.seq);
  });

  test("with a different target of an edit or deletion, or a different reaction, is refused too", async () => {
    const contents: [EntryContent, EntryContent][] = [
      [
        { kind: "edit", target: 1, text: "x" },
        { kind: "edit", target: 2, text: "x" },
      ],
      [
        { kind: "delete", target: 1 },
        { kind: "delete", target: 11 },
      ],
      [
        { kind: "reaction", target: 1, emoji: "👍", on: true },
        { kind: "reaction", target: 1, emoji: "👍", on: false },
      ],
    ];
    for (const id of ["m", "n"]) await say("hi", id);
    for (const [i, [first, other]] of contents.entries()) {
      await say("", `${i}`, { content: first });
      expect(await say("", `${i}`, { retry, content: first })).toMatchObject({ duplicate: true });
      await expect(say("", `${i}`, { retry, content: other })).rejects.toMatchObject({ code: "ID_CONFLICT" });
    }
  });
});

test("the position of an unmarked retry becomes void, so that no reader waits for it", async () => {
  await say("hi", "a");
  await say("hi", "a");
  await expect(say("ho", "a")).rejects.toMatchObject({ code: "ID_CONFLICT" });
  expect((await table.entriesOf(room)).map(({ seq, kind }) => [seq, kind])).toEqual([
    [1, "message"],
    [2, "void"],
    [3, "void"],
  ]);
});

test("a marked retry claims no position", async () => {
  await say("hi", "a");
  await say("hi", "a", { retry: true });
  await expect(say("ho", "a", { retry: true })).rejects.toMatchObject({ code: "ID_CONFLICT" });
  expect(await table.headOf(room)).toBe(1);
});

test("a first send wrongly marked as a retry is still appended", async () => {
  expect(await say("hi", "a", { retry: true })).toMatchObject({ entry: { seq: 1 }, duplicate: false, isNew: true });
});

test("the same id of a different user or in a different room is a different message", async () => {
  await say("hi", "a");
  expect(await say("ho", "a", { user: BOB })).toMatchObject({ entry: { seq: 2 }, duplicate: false });
  expect(await say("hey", "a", { room: `${room}!` })).toMatchObject({ entry: { seq: 1 }, duplicate: false });
  expect(await table.visibleOf(room)).toMatchObject([{ text: "hi" }, { text: "ho" }]);
});

test.each([{ retry: false }, { retry: true }])(
  "20 retries at once, with retry: $retry, make one entry, and all get the same answer",
  async ({ retry }) => {
    const all = await Promise.all(Array.from({ length: 20 }, () => say("hi", "a", { retry })));
    const visible = await table.visibleOf(room);
    expect(visible).toHaveLength(1);
    for (const { entry } of all) expect(entry).toEqual(visible[0]);
    expect(all.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(all.filter(({ isNew }) => isNew).length).toBeGreaterThanOrEqual(1);
    expect(await say("next", "b")).toMatchObject({ duplicate: false });
    // None of their positions is a hole.
    expect(await table.entriesOf(room)).toHaveLength(await table.headOf(room));
  },
);

test("100 concurrent messages get 100 consecutive positions", async () => {
  const all = await Promise.all(Array.from({ length: 100 }, (_, i) => say(`${i}`, `${i}`)));
  const seqs = all.map(({ entry }) => entry.seq).sort((a, b) => a - b);
  expect(seqs).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  expect((await table.visibleOf(room)).map(({ seq }) => seq)).toEqual(seqs);
});

describe("a position that is lost", () => {
  /** Makes another writer put this row at each of the next `times` positions before us. */
  const occupy = (times: number, row: object) => {
    let left = times;
    table.between = async (step, perform) => {
      if (step === "entry" && left-- > 0) await table.put([{ ...entryKey(room, await table.headOf(room)), ...row }]);
      return perform();
    };
  };
  const VOID = { kind: "void", at: 1 };

  test("to a reader is replaced by a new position: one visible entry, and the same answer from then on", async () => {
    occupy(1, VOID);
    const { entry, duplicate, isNew } = await say("hi", "a");
    expect({ seq: entry.seq, duplicate, isNew }).toEqual({ seq: 2, duplicate: false, isNew: true });
    for (const retry of [true, false]) expect((await say("hi", "a", { retry })).entry).toEqual(entry);
    expect(await table.visibleOf(room)).toEqual([entry]);
  });

  test("four times in a row: the append claims a fifth position", async () => {
    occupy(4, VOID);
    expect(await say("hi", "a")).toMatchObject({ entry: { seq: 5 }, duplicate: false });
    expect((await table.entriesOf(room)).map(({ kind }) => kind)).toEqual(["void", "void", "void", "void", "message"]);
  });

  test("five times in a row: the append fails, and its retry writes the only entry", async () => {
    occupy(5, VOID);
    await expect(say("hi", "a")).rejects.toThrow("lost 5 positions");
    expect(await table.visibleOf(room)).toEqual([]);
    const { entry } = await say("hi", "a", { retry: true });
    expect(await say("hi", "a")).toMatchObject({ entry, duplicate: true });
    expect(await table.visibleOf(room)).toEqual([entry]);
  });

  test("to another user's entry, as after a restore, is left as it is", async () => {
    const others = { kind: "message", text: "restored", id: "x", user: BOB, sentAt: 1 };
    occupy(1, others);
    expect(await say("hi", "a")).toMatchObject({ entry: { seq: 2, text: "hi" }, duplicate: false });
    expect(await table.visibleOf(room)).toMatchObject([others, { text: "hi" }]);
  });

  test("to an entry of the same id by another user is left as it is", async () => {
    occupy(1, { kind: "message", text: "restored", id: "a", user: BOB, sentAt: 1 });
    expect(await say("hi", "a")).toMatchObject({ entry: { seq: 2, user: ANA }, duplicate: false });
  });

  test("to another entry of the same user is left as it is", async () => {
    occupy(1, { kind: "message", text: "restored", id: "x", user: ANA, sentAt: 1 });
    expect(await say("hi", "a")).toMatchObject({ entry: { seq: 2, id: "a" }, duplicate: false });
  });

  test("together with the row that claimed it, is claimed again", async () => {
    table.between = async (step, perform) => {
      if (step === "entry" && (await table.headOf(room)) === 1) await table.put([{ ...entryKey(room, 1), ...VOID }]);
      if (step === "move") await table.delete(dedupeKey(room, "ana", "a"));
      return perform();
    };
    expect(await say("hi", "a")).toMatchObject({ entry: { seq: 2 }, duplicate: false });
    expect(await say("hi", "a")).toMatchObject({ entry: { seq: 2 }, duplicate: true });
  });

  test("and that a concurrent retry has already replaced isn't replaced a second time", async () => {
    let interrupted = false;
    let other: Promise<Appended> | undefined;
    table.between = async (step, perform) => {
      if (step === "entry" && !interrupted) {
        interrupted = true;
        await table.put([{ ...entryKey(room, 1), ...VOID }]);
        const answer = await perform();
        // The retry completes after the first append has lost its position and before it moves to another.
        other = say("hi", "a", { retry: true });
        await other;
        return answer;
      }
      return perform();
    };
    const first = await say("hi", "a");
    expect((await other)?.entry).toEqual(first.entry);
    expect(first.duplicate).toBe(true);
    expect(await table.visibleOf(room)).toHaveLength(1);
    expect(await table.entriesOf(room)).toHaveLength(await table.headOf(room));
  });
});
