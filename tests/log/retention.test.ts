/**
 * Tests reading a log whose old entries expire: readers never see a hole in the middle, and never lose entries without
 * being told.
 */
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { append } from "../../chat/log/append.ts";
import { readAfter, readBefore } from "../../chat/log/read.ts";
import { Retention } from "../../chat/log/retention.ts";
import { LogTable, MESSAGES } from "./logTable.ts";

const DAY_MS = 24 * 3_600_000;
const USER = { id: "ana", name: "Ana" };
const WEEK = new Retention(7);

let table: LogTable;
let room = "";

beforeAll(async () => {
  table = await LogTable.start();
});
afterAll(() => table?.stop());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  room = randomUUID();
});
afterEach(() => {
  vi.useRealTimers();
  table.reset();
});

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const say = (text: string) =>
  append(MESSAGES, { room, user: USER, id: randomUUID(), content: { kind: "message", text }, retry: false }, WEEK);
const textsOf = (page: { entries: object[] }) => page.entries.map((entry) => (entry as { text: string }).text);

/** Deletes expired items, as DynamoDB does some time after they expire. */
async function expire(): Promise<void> {
  for (const { pk, sk, expiresAt } of await table.rows()) {
    if (typeof expiresAt === "number" && expiresAt * 1_000 < Date.now())
      await table.delete({ pk: pk as string, sk: sk as number });
  }
}

/** Writes ten entries, one day apart, the last of them now. */
async function tenDays(): Promise<void> {
  for (let day = 1; day <= 10; day++) {
    await say(`day ${day}`);
    if (day < 10) later(DAY_MS);
  }
}

describe.each([
  ["before DynamoDB has deleted anything", async () => {}],
  ["when DynamoDB has deleted all expired items", expire],
])("%s", (_, clean) => {
  beforeEach(async () => {
    await tenDays();
    await clean();
  });

  test("the newest page reaches back to the oldest entry kept", async () => {
    const page = await readBefore(MESSAGES, room, undefined, 100, WEEK);
    expect(textsOf(page)).toEqual(["day 4", "day 5", "day 6", "day 7", "day 8", "day 9", "day 10"]);
    expect(page).toMatchObject({ from: 4, through: 10, more: false });
  });

  test("backward pages say when there are no older entries", async () => {
    const newest = await readBefore(MESSAGES, room, undefined, 4, WEEK);
    expect(newest).toMatchObject({ from: 7, more: true });
    const older = await readBefore(MESSAGES, room, newest.from, 4, WEEK);
    expect(textsOf(older)).toEqual(["day 4", "day 5", "day 6"]);
    expect(older).toMatchObject({ from: 4, more: false });
    expect(await readBefore(MESSAGES, room, 3, 4, WEEK)).toMatchObject({ entries: [], more: false });
  });

  test.each([0, 1, 2])("a cursor at %i, after which entries have expired, is reset", async (cursor) => {
    expect(await readAfter(MESSAGES, room, cursor, 100, WEEK)).toEqual({ room, head: 10, reason: "behind" });
  });

  test.each([3, 4, 9])("a cursor at %i continues", async (cursor) => {
    const page = await readAfter(MESSAGES, room, cursor, 100, WEEK);
    expect(page).toMatchObject({ from: cursor + 1, through: 10 });
  });

  test("expired positions are never filled", async () => {
    const before = (await table.rows()).length;
    for (let cursor = 0; cursor < 10; cursor++) await readAfter(MESSAGES, room, cursor, 3, WEEK);
    for (let from = 1; from <= 11; from++) await readBefore(MESSAGES, room, from, 3, WEEK);
    expect((await table.rows()).length).toBe(before);
  });
});

test("a hole among kept entries is still filled", async () => {
  for (let day = 1; day <= 10; day++) {
    if (day === 8)
      table.between = async (step, perform) => (step === "entry" ? Promise.reject(new Error("killed")) : perform());
    await say(`day ${day}`).catch(() => {});
    table.reset();
    later(DAY_MS);
  }
  const page = await readAfter(MESSAGES, room, 6, 100, WEEK);
  expect(page).toMatchObject({ from: 7, through: 10 });
  expect(textsOf(page as never)).toEqual(["day 7", "day 9", "day 10"]);
});

test("a room younger than the retention period has all of its entries", async () => {
  await say("first");
  later(6 * DAY_MS);
  await say("second");
  expect(textsOf((await readAfter(MESSAGES, room, 0, 100, WEEK)) as never)).toEqual(["first", "second"]);
});

test("a room that was quiet for longer than the retention period continues with its next entry", async () => {
  await say("old");
  later(30 * DAY_MS);
  await expire();
  await say("new");
  const page = await readBefore(MESSAGES, room, undefined, 100, WEEK);
  expect(textsOf(page)).toEqual(["new"]);
  expect(page).toMatchObject({ from: 2, more: false });
  expect(await readAfter(MESSAGES, room, 0, 100, WEEK)).toMatchObject({ reason: "behind" });
  expect(await readAfter(MESSAGES, room, 1, 100, WEEK)).toMatchObject({ from: 2, through: 2 });
});

test("whatever is deleted and whenever, readers see each kept entry once or are told about the loss", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3 * DAY_MS }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      fc.integer({ min: 0, max: 12 }),
      async (pauses, isDeleted, cursor) => {
        room = randomUUID();
        const sentAt: number[] = [];
        for (const ms of pauses) {
          later(ms);
          sentAt.push(Date.now());
          await say(`${sentAt.length}`);
        }
        for (const { pk, sk, expiresAt } of await table.rows()) {
          if (!String(pk).startsWith(`ROOM#${room}`) || !isDeleted[sk as number]) continue;
          if ((expiresAt as number) * 1_000 < Date.now()) await table.delete({ pk: pk as string, sk: sk as number });
        }
        const kept = sentAt.flatMap((ms, i) => (WEEK.keeps(ms) ? [`${i + 1}`] : []));
        expect(textsOf(await readBefore(MESSAGES, room, undefined, 100, WEEK))).toEqual(kept);
        if (cursor > pauses.length) return;
        const after = await readAfter(MESSAGES, room, cursor, 100, WEEK);
        const isLost = kept.length === 0 ? cursor < pauses.length : cursor < Number(kept[0]) - 1;
        if (isLost) expect(after).toMatchObject({ reason: "behind" });
        else if (!("reason" in after)) expect(textsOf(after)).toEqual(kept.filter((seq) => Number(seq) > cursor));
      },
    ),
    { numRuns: 60 },
  );
});
