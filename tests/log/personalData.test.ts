/** Tests erasing a person's data from the logs, as an operator does. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { append } from "../../chat/log/append.ts";
import { finishDeletion } from "../../chat/log/erasure.ts";
import { entryKey } from "../../chat/log/rows.ts";
import { emptyEntries, rowsOf } from "../../chat/personalData.ts";
import type { EntryContent } from "../../protocol/entries.ts";
import { LogTable, MESSAGES } from "./logTable.ts";

let table: LogTable;
let room = "";
let rooms = 0;

beforeAll(async () => {
  table = await LogTable.start();
});
afterAll(() => table?.stop());
beforeEach(() => {
  room = `room ${++rooms}`;
});
afterEach(() => table.reset());

const put = (id: string, content: EntryContent) =>
  append(MESSAGES, { room, user: { id: room, name: "Ana" }, id, content, retry: false });
/** The person's id equals the room's name, which gives each test its own person. */
const theirs = async () => (await rowsOf(MESSAGES as never, room, undefined)).rows;

test("a row that its TTL removes during the erasure stays removed", async () => {
  await put("m", { kind: "message", text: "hi" });
  await put("n", { kind: "message", text: "ho" });
  const found = await theirs();
  await table.delete(entryKey(room, 1));
  expect(await emptyEntries(MESSAGES, found, room)).toBe(1);
  expect((await table.entriesOf(room)).map(({ seq }) => seq)).toEqual([2]);
});

test("an erasure also removes the author's name from deleted messages, and empties each entry only once", async () => {
  await put("m", { kind: "message", text: "hi" });
  await put("e", { kind: "edit", target: 1, text: "ho" });
  await put("r", { kind: "reaction", target: 1, emoji: "👍", on: true });
  const { entry } = await put("d", { kind: "delete", target: 1 });
  await finishDeletion(MESSAGES, room, { seq: entry.seq, target: 1 });

  expect(await emptyEntries(MESSAGES, await theirs(), room)).toBe(4);
  const left = await table.visibleOf(room);
  expect(left.map(({ user, erased }) => ({ user, erased }))).toEqual(
    left.map(() => ({ user: { id: room, name: "" }, erased: true })),
  );
  expect(JSON.stringify(left)).not.toMatch(/hi|ho|👍|Ana/);
  expect(await emptyEntries(MESSAGES, await theirs(), room)).toBe(0);
});

test("an export contains only JSON values", async () => {
  await put("m", { kind: "message", text: "hi" });
  await put("e", { kind: "edit", target: 1, text: "ho" });
  const found = await theirs();
  expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  expect(found).toHaveLength(2);
});
