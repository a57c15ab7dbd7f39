/** Holes: positions that were claimed but have no entry yet. Readers wait for young ones and fill old ones. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { append } from "../../chat/log/append.ts";
import { readAfter, readBefore } from "../../chat/log/read.ts";
import { entryKey, headKey, rowOf } from "../../chat/log/rows.ts";
import { LogTable, MESSAGES } from "./logTable.ts";

const ANA = { id: "ana", name: "Ana" };
const NOW = 1_800_000_000_000;

let table: LogTable;
let room = "";
let rooms = 0;

beforeAll(async () => {
  table = await LogTable.start();
});
afterAll(() => table?.stop());

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  room = `room ${++rooms}`;
});
afterEach(() => {
  vi.useRealTimers();
  table.reset();
});

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const say = (id: string) =>
  append(MESSAGES, { room, user: ANA, id, content: { kind: "message", text: id }, retry: false });

/** Writes messages at these positions and claims the positions up to the head, all with the time `at`. */
const fill = (seqs: number[], head: number, at = NOW) =>
  table.put([
    { ...headKey(room), head, headAt: at },
    ...seqs.map((seq) => rowOf(room, { seq, kind: "message", text: `${seq}`, id: `${seq}`, user: ANA, sentAt: at })),
  ]);
const voids = async () => (await table.entriesOf(room)).filter(({ kind }) => kind === "void").map(({ seq }) => seq);
const after = (cursor: number, limit = 100) => readAfter(MESSAGES, room, cursor, limit);
const before = (position?: number, limit = 100) => readBefore(MESSAGES, room, position, limit);

/** A page's range of positions. */
const covers = (page: object) => {
  const { entries, from, through, retryAfterMs } = page as {
    entries: { seq: number }[];
    from: number;
    through: number;
    retryAfterMs?: number;
  };
  return { seqs: entries.map(({ seq }) => seq), from, through, retryAfterMs };
};

describe("a young hole", () => {
  test("ends the page, which reports that there is more and when to ask again", async () => {
    await fill([1, 2, 4], 4);
    later(500);
    const page = await after(0);
    expect(covers(page)).toEqual({ seqs: [1, 2], from: 1, through: 2, retryAfterMs: 1_500 });
    expect(page).toMatchObject({ head: 4, more: true });
    expect(await voids()).toEqual([]);
  });

  test("also ends the newest page, however many entries are above it", async () => {
    await fill([1, 2, 4, 5, 6], 6);
    expect(covers(await before())).toEqual({ seqs: [1, 2], from: 1, through: 2, retryAfterMs: 2_000 });
    expect(covers(await before(6, 4))).toEqual({ seqs: [2], from: 2, through: 2, retryAfterMs: 2_000 });
  });

  test("right after the cursor makes an empty page, which still states its range", async () => {
    await fill([1, 3], 3);
    expect(covers(await after(1))).toEqual({ seqs: [], from: 2, through: 1, retryAfterMs: 2_000 });
    expect(covers(await before(4, 2))).toEqual({ seqs: [], from: 2, through: 1, retryAfterMs: 2_000 });
  });

  test("is passed once its writer has finished", async () => {
    await fill([1, 3], 3);
    await after(0);
    await table.put([rowOf(room, { seq: 2, kind: "message", text: "2", id: "2", user: ANA, sentAt: NOW })]);
    expect(covers(await after(0))).toEqual({ seqs: [1, 2, 3], from: 1, through: 3, retryAfterMs: undefined });
  });

  test("outside of the page doesn't matter", async () => {
    await fill([1, 2, 4], 4);
    expect(covers(await after(0, 2))).toEqual({ seqs: [1, 2], from: 1, through: 2, retryAfterMs: undefined });
    expect(covers(await after(3))).toEqual({ seqs: [4], from: 4, through: 4, retryAfterMs: undefined });
    expect(covers(await before(3))).toEqual({ seqs: [1, 2], from: 1, through: 2, retryAfterMs: undefined });
  });

  test("at the end of the room, with nothing above it, ages from the time when it was claimed", async () => {
    await fill([1], 2);
    later(1_999);
    expect(covers(await after(0))).toEqual({ seqs: [1], from: 1, through: 1, retryAfterMs: 1 });
    later(1);
    expect(covers(await after(0))).toEqual({ seqs: [1], from: 1, through: 2, retryAfterMs: undefined });
  });
});

describe("a hole older than 2 s", () => {
  test("is made void, and the page continues after it", async () => {
    await fill([1, 3], 3);
    later(2_000);
    const page = await after(0);
    expect(covers(page)).toEqual({ seqs: [1, 3], from: 1, through: 3, retryAfterMs: undefined });
    expect(page).toMatchObject({ more: false });
    expect(await voids()).toEqual([2]);
  });

  test("is also filled by a reader who pages backward", async () => {
    await fill([1, 3], 3);
    later(2_000);
    expect(covers(await before())).toEqual({ seqs: [1, 3], from: 1, through: 3, retryAfterMs: undefined });
    expect(await voids()).toEqual([2]);
  });

  test("is as old as the first entry above it, even if that entry is outside of the page", async () => {
    await fill([1, 4], 4);
    later(2_000);
    // The room's newest position was claimed now.
    await say("5");
    expect(covers(await after(0, 2))).toEqual({ seqs: [1], from: 1, through: 2, retryAfterMs: undefined });
    expect(covers(await before(4, 1))).toEqual({ seqs: [], from: 3, through: 3, retryAfterMs: undefined });
  });

  test("is as old as the first entry above it, even if later entries are new", async () => {
    await fill([1, 3], 3);
    later(2_000);
    await say("4");
    expect(covers(await after(0))).toEqual({ seqs: [1, 3, 4], from: 1, through: 4, retryAfterMs: undefined });
  });

  test("is as old as the void position above it", async () => {
    await fill([1], 3);
    await table.put([{ ...entryKey(room, 3), kind: "void", at: NOW }]);
    later(2_000);
    await say("4");
    expect(covers(await after(0))).toEqual({ seqs: [1, 4], from: 1, through: 4, retryAfterMs: undefined });
    expect(await voids()).toEqual([2, 3]);
  });

  test("doesn't make a younger hole, below a new entry, count as old", async () => {
    await fill([1, 3], 3);
    later(2_000);
    await table.put([
      { ...headKey(room), head: 5, headAt: Date.now() },
      rowOf(room, { seq: 5, kind: "message", text: "5", id: "5", user: ANA, sentAt: Date.now() }),
    ]);
    expect(covers(await after(0))).toEqual({ seqs: [1, 3], from: 1, through: 3, retryAfterMs: 2_000 });
    expect(await voids()).toEqual([2]);
  });

  test("across a partition's boundary is as old as the first entry in the next partition", async () => {
    await fill([9_997, 10_002], 10_003);
    later(2_000);
    await say("10,004");
    expect(covers(await after(9_996, 2))).toEqual({
      seqs: [9_997],
      from: 9_997,
      through: 9_998,
      retryAfterMs: undefined,
    });
    expect(covers(await after(9_996))).toMatchObject({ seqs: [9_997, 10_002], through: 10_002, retryAfterMs: 2_000 });
    expect(await voids()).toEqual([9_998, 9_999, 10_000, 10_001]);
  });

  test("that its writer fills at the last moment shows the writer's entry", async () => {
    await fill([1, 3], 3);
    later(2_000);
    const late = rowOf(room, { seq: 2, kind: "message", text: "late", id: "late", user: ANA, sentAt: Date.now() });
    table.between = async (step, perform) => {
      if (step === "void") await table.put([late]);
      return perform();
    };
    expect(covers(await after(0))).toMatchObject({ seqs: [1, 2, 3], through: 3 });
    expect(await table.visibleOf(room)).toHaveLength(3);
  });

  test("that two readers fill at once is void for both", async () => {
    await fill([1, 3], 3);
    later(2_000);
    const [one, other] = await Promise.all([after(0), before()]);
    expect(covers(one)).toEqual(covers(other));
    expect(await voids()).toEqual([2]);
  });

  test("stays void: a later page says the same, and a slow writer's entry is appended after it", async () => {
    table.between = async (step, perform) => {
      if (step === "entry" && (await table.headOf(room)) === 1) {
        later(2_000);
        expect(covers(await after(0))).toMatchObject({ seqs: [], through: 1 });
      }
      return perform();
    };
    expect((await say("slow")).entry.seq).toBe(2);
    expect(covers(await after(0))).toMatchObject({ seqs: [2], from: 1, through: 2 });
  });

  test("may be one of a hundred consecutive holes, which one page fills", async () => {
    await fill([101], 101);
    later(2_000);
    expect(covers(await after(0))).toEqual({ seqs: [], from: 1, through: 100, retryAfterMs: undefined });
    expect(covers(await after(100))).toMatchObject({ seqs: [101], through: 101 });
  });
});

test("a void position is skipped, even if the answer to its write was lost", async () => {
  await fill([1, 3], 3);
  later(2_000);
  let lost = false;
  table.between = async (step, perform) => {
    const answer = await perform();
    if (step !== "void" || lost) return answer;
    lost = true;
    throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  };
  expect(covers(await after(0))).toMatchObject({ seqs: [1, 3], through: 3 });
  expect(await voids()).toEqual([2]);
});
