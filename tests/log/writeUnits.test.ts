/**
 * Compares the write units that the engine reports with the table in docs/protocol.md ("Write units").
 */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { append } from "../../chat/log/append.ts";
import { finishDeletion } from "../../chat/log/erasure.ts";
import { readAfter } from "../../chat/log/read.ts";
import { entryKey } from "../../chat/log/rows.ts";
import { connectionLost, LogTable, MESSAGES, type Step } from "./logTable.ts";

/** A Cognito subject and a name of typical length, and ids as the client library generates them. */
const USER = { id: "5c1f2d1e-9a3b-4c62-8a55-0f6f1f0f6b1d", name: "Ana Maria Delgado" };
const ID = "0199a6f2-8f0e-7c3a-9d43-3f1a2b4c5d6e";

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

const say = (text: string, retry = false) =>
  append(MESSAGES, { room, user: USER, id: ID, content: { kind: "message", text }, retry });

const edit = (id: string, text: string, retry = false) =>
  append(MESSAGES, { room, user: USER, id, content: { kind: "edit", target: 1, text }, retry });
async function remove(id = "d"): Promise<void> {
  const request = { room, user: USER, id, content: { kind: "delete", target: 1 } as const, retry: false };
  const { entry } = await append(MESSAGES, request);
  await finishDeletion(MESSAGES, room, { seq: entry.seq, target: 1 });
}

/** Write units of an operation, and the steps that they are spent on. */
async function cost(act: () => Promise<unknown>): Promise<{ units: number; steps: Step[] }> {
  table.calls = [];
  await act();
  const writes = table.calls.filter(({ step }) => step !== "read");
  return { units: writes.reduce((sum, { units }) => sum + units, 0), steps: writes.map(({ step }) => step) };
}

test.each([1, 100, 750])("a message of %i bytes costs 3 write units", async (bytes) => {
  expect(await cost(() => say("x".repeat(bytes)))).toEqual({ units: 3, steps: ["position", "claim", "entry"] });
});

test("a message of 750 bytes costs 3 at any length of the room's log, and makes no other calls", async () => {
  await table.put([{ pk: `META#${room}`, sk: 0, head: 9_999_998, headAt: Date.now() }]);
  expect(await cost(() => say("é".repeat(375)))).toMatchObject({ units: 3 });
  expect(table.calls).toHaveLength(3);
});

test("a message of 8,192 bytes costs 9 units for its entry and 2 for the rest", async () => {
  expect(await cost(() => say("x".repeat(8_192)))).toMatchObject({ units: 11 });
});

test("a reply costs 3 and reads nothing", async () => {
  await say("hi");
  const content = { kind: "message", text: "ho", replyTo: 1 } as const;
  const reply = () => append(MESSAGES, { room, user: USER, id: "r", content, retry: false });
  expect(await cost(reply)).toEqual({ units: 3, steps: ["position", "claim", "entry"] });
  expect(table.calls).toHaveLength(3);
});

test("a reply to a missing message costs 2", async () => {
  const content = { kind: "message", text: "ho", replyTo: 7 } as const;
  const reply = () => append(MESSAGES, { room, user: USER, id: "r", content, retry: false });
  const refused = () => expect(reply()).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await cost(refused)).toEqual({ units: 2, steps: ["position", "void"] });
});

describe("an edit", () => {
  test("costs 4: 3 like a message, and 1 for the note on the edited message", async () => {
    await say("x".repeat(700));
    for (const id of ["e", "f"]) {
      expect(await cost(() => edit(id, "x".repeat(750)))).toEqual({
        units: 4,
        steps: ["position", "claim", "note", "entry"],
      });
    }
  });

  test("of a message of 8,192 bytes costs 9 for the note", async () => {
    await say("x".repeat(8_192));
    expect(await cost(() => edit("e", "hi"))).toMatchObject({ units: 12 });
  });

  test("that is resent with a retry mark costs 2", async () => {
    await say("hi");
    await edit("e", "ho");
    expect(await cost(() => edit("e", "ho", true))).toEqual({ units: 2, steps: ["note", "entry"] });
  });

  test("that comes after the deletion costs 4", async () => {
    await say("hi");
    await remove();
    const refused = () => expect(edit("e", "ho")).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await cost(refused)).toEqual({ units: 4, steps: ["position", "claim", "note", "void"] });
  });
});

describe("a deletion", () => {
  test("costs 5: 3 like a message, 1 for erasing the message, and 1 for marking the deletion as done", async () => {
    await say("x".repeat(700));
    expect(await cost(() => remove())).toEqual({ units: 5, steps: ["position", "claim", "entry", "erase", "done"] });
  });

  test("costs 1 more for each edit", async () => {
    await say("hi");
    for (const id of ["e", "f", "g"]) await edit(id, "ho");
    expect(await cost(() => remove())).toMatchObject({ units: 8 });
  });

  test("of a message of 8,192 bytes costs 9 for erasing the message", async () => {
    await say("x".repeat(8_192));
    expect(await cost(() => remove())).toMatchObject({ units: 13 });
  });

  test("that is complete costs readers nothing", async () => {
    await say("hi");
    await remove();
    expect(await cost(() => readAfter(MESSAGES, room, 0, 100))).toEqual({ units: 0, steps: [] });
  });

  test("whose function crashed costs the first reader 2 plus 1 for each edit, and the next one nothing", async () => {
    await say("hi");
    await edit("e", "ho");
    await append(MESSAGES, { room, user: USER, id: "d", content: { kind: "delete", target: 1 }, retry: false });
    const read = () => readAfter(MESSAGES, room, 0, 100);
    expect(await cost(read)).toEqual({ units: 3, steps: ["erase", "erase", "done"] });
    expect(await cost(read)).toEqual({ units: 0, steps: [] });
  });
});

describe("a retry after an ack", () => {
  test("costs 4 without a retry mark", async () => {
    await say("hi");
    expect(await cost(() => say("hi"))).toEqual({ units: 4, steps: ["position", "claim", "void", "entry"] });
  });

  test("costs 1 with a retry mark", async () => {
    await say("hi");
    expect(await cost(() => say("hi", true))).toEqual({ units: 1, steps: ["entry"] });
  });
});

test("a retry mark on a first attempt costs a read and no additional write", async () => {
  expect(await cost(() => say("hi", true))).toEqual({ units: 3, steps: ["position", "claim", "entry"] });
  expect(table.calls.filter(({ step }) => step === "read")).toHaveLength(1);
});

test("ID_CONFLICT costs 3", async () => {
  await say("hi");
  const conflict = () => expect(say("ho")).rejects.toMatchObject({ code: "ID_CONFLICT" });
  expect(await cost(conflict)).toEqual({ units: 3, steps: ["position", "claim", "void"] });
});

test("a lost answer to step 2 costs 1 more", async () => {
  let lost = false;
  table.between = async (step, perform) => {
    const answer = await perform();
    if (step !== "claim" || lost) return answer;
    lost = true;
    throw connectionLost();
  };
  expect(await cost(() => say("hi"))).toEqual({ units: 4, steps: ["position", "claim", "claim", "entry"] });
});

test("a position that a reader claimed costs 3 more", async () => {
  table.between = async (step, perform) => {
    if (step === "entry" && (await table.headOf(room)) === 1) {
      await table.put([{ ...entryKey(room, 1), kind: "void", at: 1 }]);
    }
    return perform();
  };
  expect(await cost(() => say("hi"))).toEqual({
    units: 6,
    steps: ["position", "claim", "entry", "position", "move", "entry"],
  });
});

test("a hole costs 1 for the first reader and nothing for later ones", async () => {
  await table.put([{ pk: `META#${room}`, sk: 0, head: 1, headAt: Date.now() }]);
  vi.setSystemTime(Date.now() + 60_000);
  const read = () => readAfter(MESSAGES, room, 0, 100);
  expect(await cost(read)).toEqual({ units: 1, steps: ["void"] });
  expect(await cost(read)).toEqual({ units: 0, steps: [] });
});

test("reading a settled log writes nothing", async () => {
  await say("hi");
  expect(await cost(() => readAfter(MESSAGES, room, 0, 100))).toEqual({ units: 0, steps: [] });
});
