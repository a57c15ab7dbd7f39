/** Pages of a room's log: each position once, in order, in both directions and for entries of any size. */
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { readAfter, readBefore } from "../../chat/log/read.ts";
import { entryKey, headKey, rowOf } from "../../chat/log/rows.ts";
import type { AuthoredEntry, MessageEntry } from "../../protocol/entries.ts";
import type { Page } from "../../protocol/responses.ts";
import { LogTable, MESSAGES } from "./logTable.ts";

const ANA = { id: "ana", name: "Ana" };
const NOW = 1_800_000_000_000;
const FRAME_BYTES = 32_000;
/** The id with the longest JSON encoding. */
const LONGEST_ID = "\u0001".repeat(64);

let table: LogTable;
let room = "";
let rooms = 0;

beforeAll(async () => {
  table = await LogTable.start();
});
afterAll(() => table?.stop());

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  newRoom();
});
afterEach(() => {
  vi.useRealTimers();
  table.reset();
});

function newRoom(): void {
  room = `room ${++rooms}`;
}

const message = (seq: number, facts: Partial<MessageEntry> = {}): MessageEntry => ({
  seq,
  kind: "message",
  text: `message ${seq}`,
  id: `${seq}`,
  user: ANA,
  sentAt: NOW,
  ...facts,
});

const setHead = (head: number) => table.put([{ ...headKey(room), head, headAt: NOW }]);

/** Writes messages straight into the table. */
async function fill(from: number, through: number, facts: Partial<MessageEntry> = {}): Promise<void> {
  const seqs = Array.from({ length: through - from + 1 }, (_, i) => from + i);
  await table.put(seqs.map((seq) => rowOf(room, message(seq, facts))));
  await setHead(through);
}

const bytesOf = (frame: object) => Buffer.byteLength(JSON.stringify(frame));

/** Reads a page, and checks its range and that it fits into a frame of any answer. */
function checked(page: Page): Page {
  const { entries, from, through, head } = page;
  const seqs = entries.map(({ seq }) => seq);
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  for (const seq of seqs) expect(seq).toSatisfy((at: number) => at >= from && at <= through);
  expect(through).toBeLessThanOrEqual(head);
  expect(bytesOf({ type: "page", id: LONGEST_ID, ...page })).toBeLessThanOrEqual(FRAME_BYTES);
  expect(bytesOf({ type: "ack", id: LONGEST_ID, page })).toBeLessThanOrEqual(FRAME_BYTES);
  return page;
}

async function after(cursor: number, limit: number): Promise<Page> {
  const page = await readAfter(MESSAGES, room, cursor, limit);
  if ("reason" in page) throw new Error(`a reset: ${JSON.stringify(page)}`);
  return checked(page);
}

async function before(position: number | undefined, limit: number): Promise<Page> {
  return checked(await readBefore(MESSAGES, room, position, limit));
}

/** All pages after a cursor, each beginning where the previous one ended. */
async function forwards(cursor: number, limit: number): Promise<Page[]> {
  const pages: Page[] = [];
  let at = cursor;
  for (;;) {
    const page = await after(at, limit);
    expect(page.from).toBe(at + 1);
    expect(page.more).toBe(page.through < page.head);
    pages.push(page);
    if (!page.more) return pages;
    expect(page.through).toBeGreaterThan(at);
    at = page.through;
  }
}

/** Pages from one position back to another, newest first. */
async function backwards(position: number | undefined, limit: number, down = 1): Promise<Page[]> {
  const pages: Page[] = [];
  let at = position;
  for (;;) {
    const most = at === undefined ? limit : Math.min(limit, at - down);
    let page = await before(at, most);
    // A void entry that was just written makes the hole below it look recent again.
    while (page.retryAfterMs !== undefined) {
      vi.setSystemTime(Date.now() + page.retryAfterMs);
      page = await before(at, most);
    }
    if (at !== undefined) expect(page.through).toBe(Math.min(at - 1, page.head));
    expect(page.more).toBe(page.from > 1);
    pages.push(page);
    if (page.from <= down) return pages;
    expect(page.from).toBeLessThanOrEqual(page.through);
    at = page.from;
  }
}

const entriesOf = (pages: Page[]) => pages.flatMap(({ entries }) => entries);

describe("a room without messages", () => {
  test("has an empty page in both directions", async () => {
    const empty = { room, entries: [], from: 1, through: 0, head: 0, more: false };
    expect(await after(0, 100)).toEqual(empty);
    expect(await before(undefined, 100)).toEqual(empty);
    expect(await before(1, 100)).toEqual(empty);
    expect(await before(7, 100)).toEqual(empty);
  });

  test("resets a cursor at a position that it doesn't have", async () => {
    expect(await readAfter(MESSAGES, room, 1, 100)).toEqual({ room, head: 0, reason: "ahead" });
  });
});

describe("a page", () => {
  test("after a cursor begins at the next position and has as many positions as its limit allows", async () => {
    await fill(1, 10);
    const page = await after(3, 4);
    expect(page).toMatchObject({ room, from: 4, through: 7, head: 10, more: true });
    expect(page.entries).toEqual([4, 5, 6, 7].map((seq) => message(seq)));
  });

  test("before a position ends right before it", async () => {
    await fill(1, 10);
    const page = await before(8, 4);
    expect(page).toMatchObject({ room, from: 4, through: 7, head: 10, more: true });
    expect(page.entries).toEqual([4, 5, 6, 7].map((seq) => message(seq)));
  });

  test("without a cursor is the newest page", async () => {
    await fill(1, 10);
    expect(await before(undefined, 4)).toMatchObject({ from: 7, through: 10, more: true });
    expect(await before(undefined, 100)).toMatchObject({ from: 1, through: 10, more: false });
  });

  test("at the end of the log is empty and says that there is no more", async () => {
    await fill(1, 10);
    expect(await after(10, 4)).toEqual({ room, entries: [], from: 11, through: 10, head: 10, more: false });
    expect(await before(1, 4)).toEqual({ room, entries: [], from: 1, through: 0, head: 10, more: false });
  });

  test("before a position that the log doesn't have yet is the newest page", async () => {
    await fill(1, 10);
    expect(await before(1_000_000, 4)).toMatchObject({ from: 7, through: 10 });
  });

  test("after a position that the log doesn't have is a reset", async () => {
    await fill(1, 10);
    expect(await readAfter(MESSAGES, room, 11, 4)).toEqual({ room, head: 10, reason: "ahead" });
  });

  test("leaves out void positions but covers them", async () => {
    await fill(1, 10);
    await table.put([4, 5, 10].map((seq) => ({ ...entryKey(room, seq), kind: "void", at: NOW })));
    const page = await after(2, 4);
    expect(page).toMatchObject({ from: 3, through: 6 });
    expect(page.entries.map(({ seq }) => seq)).toEqual([3, 6]);
    expect(await before(undefined, 1)).toMatchObject({ entries: [], from: 10, through: 10, more: true });
  });

  test("shows every kind of entry as it was written, without the table's internal fields", async () => {
    const authored = { id: "a", user: ANA, sentAt: NOW };
    const entries: AuthoredEntry[] = [
      { seq: 1, kind: "message", text: "hi", replyTo: 1, ...authored },
      { seq: 2, kind: "edit", target: 1, text: "ho", ...authored },
      { seq: 3, kind: "message", text: "", erased: true, ...authored },
      { seq: 4, kind: "delete", target: 3, ...authored },
      { seq: 5, kind: "reaction", target: 1, emoji: "👍", on: false, ...authored },
    ];
    const notes = { edits: new Set([2]), done: true };
    await table.put(entries.map((entry) => ({ ...rowOf(room, entry), ...notes })));
    await setHead(5);
    expect((await after(0, 100)).entries).toEqual(entries);
  });
});

describe("across the boundary of partitions at 10,000", () => {
  test.each([1, 3, 7, 100])("pages of %i positions continue without gaps or duplicates", async (limit) => {
    await fill(9_950, 10_050);
    const expected = Array.from({ length: 101 }, (_, i) => 9_950 + i);
    expect(entriesOf(await forwards(9_949, limit)).map(({ seq }) => seq)).toEqual(expected);
    expect(entriesOf((await backwards(undefined, limit, 9_950)).reverse()).map(({ seq }) => seq)).toEqual(expected);
  });

  test.each([9_998, 9_999, 10_000, 10_001])("a page begins right after %i, or ends right before it", async (at) => {
    await fill(9_990, 10_010);
    expect((await after(at, 3)).entries.map(({ seq }) => seq)).toEqual([at + 1, at + 2, at + 3]);
    expect((await before(at, 3)).entries.map(({ seq }) => seq)).toEqual([at - 3, at - 2, at - 1]);
  });

  test("other boundaries work like the first", async () => {
    await fill(1_239_990, 1_240_010);
    expect((await after(1_239_989, 100)).entries).toHaveLength(21);
    expect((await before(undefined, 21)).entries).toHaveLength(21);
  });
});

describe("of 100 entries with 8 KB of text", () => {
  const text = "é".repeat(4_096);

  test("no page exceeds 32,000 bytes, and all entries are on some page", async () => {
    await fill(1, 100, { text });
    for (const pages of [await forwards(0, 100), (await backwards(undefined, 100)).reverse()]) {
      expect(entriesOf(pages).map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
      expect(pages.length).toBeLessThanOrEqual(34);
    }
  });

  test("a page of more than 1 MB, DynamoDB's limit for one answer, is read to its end", async () => {
    // No real name is this long; it makes 100 rows larger than one answer.
    await fill(1, 100, { text: "x", user: { id: "ana", name: "n".repeat(12_000) } });
    expect(entriesOf(await forwards(0, 100))).toHaveLength(100);
    expect(entriesOf(await backwards(undefined, 100))).toHaveLength(100);
    // Rows of later answers weren't mistaken for holes.
    expect(Date.now()).toBe(NOW);
    expect(table.calls.filter(({ step }) => step !== "read")).toEqual([]);
  });

  test("a page covers the void positions up to the first entry that doesn't fit", async () => {
    await fill(1, 12, { text });
    await table.put([2, 4, 6, 7, 8, 10].map((seq) => ({ ...entryKey(room, seq), kind: "void", at: NOW })));
    const pages = await forwards(0, 100);
    expect(entriesOf(pages).map(({ seq }) => seq)).toEqual([1, 3, 5, 9, 11, 12]);
    expect(pages[0]).toMatchObject({ through: 8, more: true });
    expect(entriesOf((await backwards(undefined, 100)).reverse())).toHaveLength(6);
  });
});

test("full pages stay below 32,000 bytes in every answer, and use most of that", async () => {
  for (let bytes = 240; bytes <= 400; bytes += 20) {
    newRoom();
    await fill(1, 100, { text: "x".repeat(bytes) });
    for (const page of [await after(0, 100), await before(undefined, 100)]) {
      const one = bytesOf(page.entries[0] as object) + 1;
      if (page.entries.length < 100) expect(bytesOf(page) + one).toBeGreaterThan(FRAME_BYTES - 600);
    }
  }
});

test("void positions take no space on a page", async () => {
  // Each text is 10,080 bytes of JSON.
  await fill(1, 100, { text: "\u0001".repeat(1_680) });
  const voids = Array.from({ length: 97 }, (_, i) => ({ ...entryKey(room, i + 2), kind: "void", at: NOW }));
  await table.put(voids);
  expect(await after(0, 100)).toMatchObject({ entries: [{ seq: 1 }, { seq: 99 }, { seq: 100 }], through: 100 });
});

test("the largest entry that the protocol accepts fits into a page and an event", async () => {
  const facts = {
    // The text is 2,730 bytes of UTF-8, and 16,380 bytes of JSON.
    text: "\u0001".repeat(2_730),
    id: LONGEST_ID,
    user: { id: "\u0001".repeat(128), name: "\u0001".repeat(128) },
    replyTo: Number.MAX_SAFE_INTEGER,
  };
  room = `"${"\\".repeat(63)}`;
  await fill(1, 3, facts);
  expect(entriesOf(await forwards(0, 100))).toHaveLength(3);
  expect(entriesOf(await backwards(undefined, 100))).toHaveLength(3);
  expect(bytesOf({ type: "event", room, entries: [message(1, facts)] })).toBeLessThanOrEqual(FRAME_BYTES);
});

describe("any log", () => {
  /** The state of a position. Texts are short or long, so that pages end at their limit or at their maximum size. */
  const position = fc.oneof(
    { weight: 4, arbitrary: fc.constant("short" as const) },
    { weight: 1, arbitrary: fc.constant("long" as const) },
    { weight: 1, arbitrary: fc.constant("void" as const) },
    { weight: 1, arbitrary: fc.constant("hole" as const) },
  );
  /** Number of positions before the log: none at the room's beginning, or up to just before a boundary. */
  const start = fc.constantFrom<number>(0, 9_990, 19_999);
  const log = fc.record({ start, positions: fc.array(position, { maxLength: 24 }) });
  /** A page limit: a small one, the smallest or the largest. */
  const anyLimit = fc.oneof(fc.integer({ min: 2, max: 9 }), fc.constantFrom(1, 100));
  type Log = { start: number; positions: ("short" | "long" | "void" | "hole")[] };

  async function write({ start, positions }: Log): Promise<AuthoredEntry[]> {
    newRoom();
    const entries: AuthoredEntry[] = [];
    const rows: object[] = [{ ...headKey(room), head: start + positions.length, headAt: Date.now() }];
    for (const [i, what] of positions.entries()) {
      const seq = start + 1 + i;
      if (what === "hole") continue;
      if (what === "void") {
        rows.push({ ...entryKey(room, seq), kind: "void", at: Date.now() });
        continue;
      }
      const entry = message(seq, { sentAt: Date.now(), ...(what === "long" ? { text: "x".repeat(8_192) } : {}) });
      entries.push(entry);
      rows.push(rowOf(room, entry));
    }
    await table.put(rows);
    return entries;
  }

  test("paged from any cursor, in either direction, with any limit, yields exactly its entries once its holes are old", async () => {
    const property = fc.asyncProperty(log, fc.nat(24), anyLimit, async (given, skip, limit) => {
      const entries = await write(given);
      vi.setSystemTime(Date.now() + 2_000);
      const head = given.start + given.positions.length;
      const cursor = Math.min(given.start + skip, head);
      expect(entriesOf(await forwards(cursor, limit))).toEqual(entries.filter(({ seq }) => seq > cursor));
      if (cursor > given.start) {
        const pages = await backwards(cursor + 1, limit, given.start + 1);
        expect(entriesOf(pages.reverse())).toEqual(entries.filter(({ seq }) => seq <= cursor));
      }
      // Later reads return the same, and holes stay void.
      expect(entriesOf(await forwards(given.start, 100))).toEqual(entries);
      expect(await table.visibleOf(room)).toEqual(entries);
    });
    await fc.assert(property, { numRuns: 50 });
  });

  test("with young holes is read up to the first one and never past it, in either direction", async () => {
    const property = fc.asyncProperty(log, anyLimit, async (given, limit) => {
      const entries = await write(given);
      const hole = given.positions.indexOf("hole");
      const settled = hole === -1 ? given.positions.length : hole;
      let at = given.start;
      let page: Page;
      const seen: AuthoredEntry[] = [];
      do {
        page = await after(at, limit);
        seen.push(...page.entries);
        at = page.through;
      } while (page.more && page.retryAfterMs === undefined);
      expect(at).toBe(given.start + settled);
      expect(seen).toEqual(entries.filter(({ seq }) => seq <= at));
      const head = given.start + given.positions.length;
      if (head > given.start) {
        const newest = await before(undefined, head - given.start);
        expect(newest.through).toBe(at);
        expect(newest.entries).toEqual(seen.filter(({ seq }) => seq >= newest.from));
      }
      // No young hole was filled.
      expect(await table.visibleOf(room)).toEqual(entries);
      expect((await table.entriesOf(room)).length).toBe(given.positions.filter((what) => what !== "hole").length);
    });
    await fc.assert(property, { numRuns: 50 });
  });
});
