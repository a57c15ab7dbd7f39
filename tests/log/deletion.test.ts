/** Deleted content is gone: no order of calls and no crash between any two of them leaves its text readable. */
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Appended, append, type Request } from "../../chat/log/append.ts";
import { asDeletable, asEditable, asMessage } from "../../chat/log/authorship.ts";
import { finishDeletion } from "../../chat/log/erasure.ts";
import { entriesAt, readAfter, readBefore } from "../../chat/log/read.ts";
import { entryKey, rowOf } from "../../chat/log/rows.ts";
import type { EntryContent } from "../../protocol/entries.ts";
import type { Page } from "../../protocol/responses.ts";
import { LogTable, MESSAGES } from "./logTable.ts";
import { Dead, Turns, turn } from "./turns.ts";

const ANA = { id: "ana", name: "Ana" };
/** A text that is part of every message. */
const CANARY = "canary";

let table: LogTable;
let room = "";
let rooms = 0;

beforeAll(async () => {
  table = await LogTable.start();
});
afterAll(() => table?.stop());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
  room = `room ${++rooms}`;
});
afterEach(() => {
  vi.useRealTimers();
  table.reset();
});

const put = (id: string, content: EntryContent, more: Partial<Request> = {}): Promise<Appended> =>
  append(MESSAGES, { room, user: ANA, id, content, retry: false, ...more });
const say = (id: string) => put(id, { kind: "message", text: `${CANARY} ${id}` });
const edit = (id: string, target: number, retry = false) =>
  put(id, { kind: "edit", target, text: `${CANARY} ${id}` }, { retry });

/** Deletes a message as `handlers/deleteMessage.ts` does; resolves when the deletion may be acknowledged. */
async function remove(id: string, target: number, retry = false): Promise<Appended> {
  const appended = await put(id, { kind: "delete", target }, { retry });
  await finishDeletion(MESSAGES, room, { seq: appended.entry.seq, target });
  return appended;
}

const all = async () => ((await readAfter(MESSAGES, room, 0, 100)) as Page).entries;
const newest = async () => (await readBefore(MESSAGES, room, undefined, 100)).entries;
const textOf = (entries: object[]) => JSON.stringify(entries);
/** The room's entries in the table, as JSON. */
const stored = async () => textOf(await table.entriesOf(room));

/** Crashes the function right before or after the nth call of a step. */
function dieAt(step: string, when: "before" | "after", nth = 1): void {
  let count = 0;
  table.between = async (at, perform) => {
    const isIt = at === step && ++count === nth;
    if (isIt && when === "before") throw new Dead();
    const answer = await perform();
    if (isIt) throw new Dead();
    return answer;
  };
}

describe("a deletion", () => {
  test("erases the message and all of its edits but keeps each position, kind, id, author and time", async () => {
    const { entry: message } = await say("m");
    const edits = [(await edit("e", 1)).entry, (await edit("f", 1)).entry];
    const { entry: other } = await say("n");
    const { entry: deletion } = await remove("d", 1);

    const erased = [message, ...edits].map((entry) => ({ ...entry, text: "", erased: true }));
    expect(await all()).toEqual([...erased, other, deletion]);
    expect(await newest()).toEqual(await all());
    expect((await stored()).split(CANARY)).toHaveLength(2);
  });

  test("erases an edit whose position a reader claimed, and an edit that was sent again", async () => {
    await say("m");
    table.between = async (step, perform) => {
      if (step === "entry") {
        table.reset();
        await table.put([{ ...entryKey(room, 2), kind: "void", at: Date.now() }]);
      }
      return perform();
    };
    expect((await edit("e", 1)).entry.seq).toBe(3);
    await edit("e", 1);
    await remove("d", 1);
    expect(await stored()).not.toContain(`${CANARY} e`);
  });

  test("covers edits in the next partition, and more edits than one step erases", async () => {
    await table.put([{ pk: `META#${encodeURIComponent(room)}`, sk: 0, head: 9_970, headAt: 1, madeAt: 1 }]);
    await say("m");
    for (let i = 0; i < 60; i++) await edit(`e${i}`, 9_971);
    await remove("d", 9_971);
    expect(await stored()).not.toContain(`${CANARY} m`);
    expect(await stored()).not.toContain(`${CANARY} e`);
  });

  test("restores no row that its TTL has removed", async () => {
    await say("m");
    await edit("e", 1);
    const { entry } = await put("d", { kind: "delete", target: 1 });
    for (const seq of [1, 2, entry.seq]) await table.delete(entryKey(room, seq));
    await finishDeletion(MESSAGES, room, { seq: entry.seq, target: 1 });
    expect(await table.entriesOf(room)).toEqual([]);
  });
});

describe("of a deleted message", () => {
  beforeEach(async () => {
    await say("m");
    await edit("e", 1);
    await remove("d", 1);
  });

  test("new edits, reactions and deletions are NOT_FOUND", async () => {
    const notFound = { name: "Refusal", code: "NOT_FOUND" };
    await expect(asEditable(MESSAGES, room, 1, ANA)).rejects.toMatchObject(notFound);
    await expect(asMessage(MESSAGES, room, 1)).rejects.toMatchObject(notFound);
    await expect(asDeletable(MESSAGES, "" as never, room, 1, ANA)).rejects.toMatchObject(notFound);
  });

  test("an edit that was admitted before the deletion is NOT_FOUND, isn't written anywhere, and leaves no hole", async () => {
    await expect(edit("late", 1)).rejects.toMatchObject({ name: "Refusal", code: "NOT_FOUND" });
    expect(await stored()).not.toContain(`${CANARY} late`);
    expect((await table.entriesOf(room)).map(({ kind }) => kind)).toEqual(["message", "edit", "delete", "void"]);
  });

  test.each([true, false])("an acknowledged edit is a duplicate when it is sent again, retry: %s", async (retry) => {
    expect(await edit("e", 1, retry)).toMatchObject({ entry: { seq: 2, text: "" }, duplicate: true, isNew: false });
  });
});

describe("an edit that is noted but not yet written", () => {
  test("is no longer written once the deletion is acknowledged", async () => {
    await say("m");
    table.between = async (step, perform) => {
      if (step !== "entry") return perform();
      table.reset();
      await remove("d", 1);
      return perform();
    };
    await expect(edit("e", 1)).rejects.toMatchObject({ name: "Refusal", code: "NOT_FOUND" });
    expect(await stored()).not.toContain(CANARY);
    expect((await table.entriesOf(room)).map(({ kind }) => kind)).toEqual(["message", "void", "delete", "void"]);
  });

  test("is erased if it is written right before the deletion makes its position void", async () => {
    await say("m");
    dieAt("entry", "before");
    await expect(edit("e", 1)).rejects.toThrow(Dead);
    table.between = async (step, perform) => {
      const late = { seq: 2, kind: "edit" as const, id: "e", user: ANA, sentAt: 1, target: 1, text: CANARY };
      if (step === "void") await table.put([rowOf(room, late)]);
      return perform();
    };
    await remove("d", 1);
    table.reset();
    expect(await stored()).not.toContain(CANARY);
  });
});

test("a message accepts 1,000 edits", async () => {
  await say("m");
  const edits = new Set(Array.from({ length: 999 }, (_, i) => 100 + i));
  await table.put([{ ...(await rowAt(1)), edits }]);
  await asEditable(MESSAGES, room, 1, ANA);
  await edit("last", 1);
  await expect(asEditable(MESSAGES, room, 1, ANA)).rejects.toMatchObject({ name: "Refusal", code: "LIMIT_EXCEEDED" });
});

describe("a deletion whose function crashed", () => {
  beforeEach(async () => {
    await say("m");
    await edit("e", 1);
    await edit("f", 1);
  });

  describe.each([
    ["entry", "after", 1],
    ["erase", "before", 1],
    ["erase", "after", 1],
    ["read", "after", 1],
    ["erase", "after", 2],
    ["done", "before", 1],
  ] as const)("at the step %s, %s call %i", (step, when, nth) => {
    beforeEach(async () => {
      dieAt(step, when, nth);
      await expect(remove("d", 1)).rejects.toThrow(Dead);
      table.reset();
    });

    test.each([
      ["the next page forward", all],
      ["the next page backward", newest],
      ["a page with only the delete entry", async () => ((await readAfter(MESSAGES, room, 3, 1)) as Page).entries],
    ])("is completed by %s, which shows none of the text", async (_, read) => {
      expect(textOf(await read())).not.toContain(CANARY);
      expect(await stored()).not.toContain(CANARY);
    });

    test("is completed by its retry, which is acknowledged as a duplicate", async () => {
      expect(await remove("d", 1, true)).toMatchObject({ duplicate: true });
      expect(await stored()).not.toContain(CANARY);
    });
  });

  test("is completed once: the next reader writes nothing", async () => {
    dieAt("erase", "after");
    await expect(remove("d", 1)).rejects.toThrow(Dead);
    table.reset();
    await all();
    table.calls = [];
    await all();
    expect(table.calls.filter(({ step }) => step !== "read")).toEqual([]);
  });
});

test("a page that read the message before the deletion finished doesn't show its text", async () => {
  await say("m");
  await edit("e", 1);
  const { entry } = await put("d", { kind: "delete", target: 1 });
  await table.put([{ ...(await rowAt(entry.seq)), done: true }]);
  for (const entries of [await all(), await newest(), await entriesAt(MESSAGES, room, 1, 3)])
    expect(textOf(entries)).not.toContain(CANARY);
});

const rowAt = async (seq: number) =>
  (await table.rows()).find(({ pk, sk }) => pk === entryKey(room, seq).pk && sk === seq);

type Actor =
  | { does: "edit"; id: "e" | "f"; retry: boolean }
  | { does: "delete"; id: "d" | "g"; retry: boolean }
  | { does: "read"; after: number };

const id = <Id extends string>(...ids: Id[]) => fc.constantFrom(...ids);
const actor: fc.Arbitrary<Actor> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant("edit" as const), id: id("e", "e", "f"), retry: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant("delete" as const), id: id("d", "d", "g"), retry: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("read" as const), after: fc.nat(3) }) },
);

const LONG = { timeout: 120_000 };

test(
  "no order of edits, deletions and readers, and no crash among them, leaves or shows deleted text",
  LONG,
  async () => {
    const actors = fc.array(actor, { minLength: 2, maxLength: 5 });
    const property = fc.asyncProperty(actors, fc.array(turn, { maxLength: 60 }), async (acting, chosen) => {
      room = `room ${++rooms}`;
      table.reset();
      await say("m");
      const turns = new Turns(chosen);
      table.between = turns.between;
      /** Whether a deletion was acknowledged or anyone has read its entry. */
      let isTold = false;
      const acks: Appended[] = [];
      const act = async (what: Actor): Promise<void> => {
        const wasTold = isTold;
        if (what.does === "read") {
          const page = await readAfter(MESSAGES, room, what.after, 100);
          if ("reason" in page) return;
          if (wasTold) expect(textOf(page.entries)).not.toContain(CANARY);
          isTold ||= page.entries.some(({ kind }) => kind === "delete");
        } else if (what.does === "delete") {
          acks.push(await remove(what.id, 1, what.retry));
          isTold = true;
        } else {
          const edited = await edit(what.id, 1, what.retry).catch((error) => error);
          if (edited instanceof Error && (edited as { code?: string }).code !== "NOT_FOUND") throw edited;
          if (!(edited instanceof Error)) acks.push(edited);
          else expect(await stored()).toContain('"delete"');
        }
      };
      const results = await turns.run(acting.map((what) => () => act(what)));
      for (const result of results) if (result.status === "rejected") expect(result.reason).toBeInstanceOf(Dead);
      table.reset();

      vi.setSystemTime(Date.now() + 2_000);
      const entries = await all();
      if (entries.some(({ kind }) => kind === "delete")) {
        expect(textOf(entries)).not.toContain(CANARY);
        expect(await stored()).not.toContain(CANARY);
      }
      // Acknowledged entries are at their positions, and a retry gets the same answer.
      for (const { entry } of acks) {
        const { seq, id, sentAt, kind } = entry;
        expect(entries).toContainEqual(expect.objectContaining({ seq, id, sentAt, kind }));
        const again = kind === "edit" ? edit(id, 1, true) : remove(id, 1, true);
        expect(await again).toMatchObject({ entry: { seq, id, sentAt }, duplicate: true });
      }
      const ids = entries.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect((await table.entriesOf(room)).map(({ seq }) => seq)).toEqual(
        Array.from({ length: await table.headOf(room) }, (_, i) => i + 1),
      );
    });
    // 100 runs are enough here, because the checker (tests/checker) has such actors in each of its seeds, too.
    await fc.assert(property, { numRuns: 100 });
  },
);
