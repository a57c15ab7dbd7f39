/** Tests the number of unread messages, as a person would count them: other people's messages after the read marker. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { append } from "../../chat/log/append.ts";
import { finishDeletion } from "../../chat/log/erasure.ts";
import { Retention } from "../../chat/log/retention.ts";
import { rowOf } from "../../chat/log/rows.ts";
import { unreadOf } from "../../chat/log/unread.ts";
import type { EntryContent } from "../../protocol/entries.ts";
import { LogTable, MESSAGES } from "./logTable.ts";

const DAY_MS = 24 * 3_600_000;

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

const put = (user: string, content: EntryContent, id: string = randomUUID()) =>
  append(MESSAGES, { room, user: { id: user, name: user }, id, content, retry: false });
const say = (user: string, id?: string) => put(user, { kind: "message", text: "hi" }, id);
const unread = async (read = 0, user = "bob", retention?: Retention) =>
  unreadOf(MESSAGES, { room, head: await table.headOf(room), read }, user, retention);

/** Stores messages from ana at the positions `from` to `to`, and sets the head to the last one. */
async function fill(from: number, to: number): Promise<void> {
  const user = { id: "ana", name: "Ana" };
  const seqs = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  await table.put(
    seqs.map((seq) => rowOf(room, { seq, kind: "message", id: `${seq}`, user, sentAt: Date.now(), text: "hi" })),
  );
  await table.put([{ pk: `META#${room}`, sk: 0, head: to, headAt: Date.now(), madeAt: 1 }]);
}

describe("unread", () => {
  test("are other people's messages after the mark", async () => {
    for (const user of ["ana", "bob", "eve", "ana"]) await say(user);
    expect(await unread()).toEqual({ unread: 3 });
    expect(await unread(1)).toEqual({ unread: 2 });
    expect(await unread(4)).toEqual({ unread: 0 });
    expect(await unread(0, "ana")).toEqual({ unread: 2 });
  });

  test("exclude one's own messages", async () => {
    for (let i = 0; i < 3; i++) await say("bob");
    expect(await unread()).toEqual({ unread: 0 });
  });

  test("exclude edits, reactions, deletions and deleted messages", async () => {
    await say("ana");
    await say("ana");
    await put("ana", { kind: "edit", target: 1, text: "ho" });
    await put("eve", { kind: "reaction", target: 1, emoji: "👍", on: true });
    const { entry } = await put("ana", { kind: "delete", target: 2 });
    await finishDeletion(MESSAGES, room, { seq: entry.seq, target: 2 });
    expect(await unread()).toEqual({ unread: 1 });
  });

  test("count a message sent eight times with one id once", async () => {
    for (let i = 0; i < 8; i++) await say("ana", "again");
    expect(await table.headOf(room)).toBe(8);
    expect(await unread()).toEqual({ unread: 1 });
  });

  test("exclude entries that are no longer kept", async () => {
    await say("ana");
    vi.setSystemTime(Date.now() + 8 * DAY_MS);
    await say("ana");
    expect(await unread(0, "bob", new Retention(7))).toEqual({ unread: 1 });
  });
});

describe("the count", () => {
  test("stops at 100 and reports that there are more", async () => {
    await fill(1, 100);
    expect(await unread()).toEqual({ unread: 100 });
    await fill(101, 101);
    expect(await unread()).toEqual({ unread: 100, unreadMore: true });
  });

  test("covers the newest 200 positions and reports if it stops there", async () => {
    await fill(1, 1);
    await fill(211, 211);
    expect(await unread()).toEqual({ unread: 1, unreadMore: true });
    expect(await unread(11)).toEqual({ unread: 1 });
    expect(await unread(10)).toEqual({ unread: 1, unreadMore: true });
  });

  test("doesn't report more if all older entries have expired", async () => {
    await fill(1, 300);
    vi.setSystemTime(Date.now() + 8 * DAY_MS);
    await fill(301, 301);
    expect(await unread(0, "bob", new Retention(7))).toEqual({ unread: 1 });
  });

  test("crosses the end of a partition", async () => {
    await fill(9_990, 10_010);
    expect(await unread(9_989)).toEqual({ unread: 21 });
  });

  test("costs no table read if nothing is unread, otherwise one per partition, and never a write", async () => {
    await fill(9_990, 10_010);
    table.calls = [];
    await unread(10_010);
    expect(table.calls).toEqual([]);
    await unread(9_000);
    expect(table.calls).toEqual([
      { step: "read", units: 0 },
      { step: "read", units: 0 },
    ]);
  });
});
