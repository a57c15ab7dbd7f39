/** If the answer to a call is lost, the SDK or the client sends it again, and there is still one entry. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { append, type Request } from "../../chat/log/append.ts";
import { readAfter } from "../../chat/log/read.ts";
import { entryKey } from "../../chat/log/rows.ts";
import { type Between, connectionLost, LogTable, MESSAGES, type Step } from "./logTable.ts";

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

const say = (text: string, request: Partial<Request> = {}) =>
  append(MESSAGES, {
    room,
    user: { id: "ana", name: "Ana" },
    id: "a",
    content: { kind: "message", text },
    retry: false,
    ...request,
  });

/** Loses the answer to the first call of a step; the call itself takes effect. */
function loseAnswer(lost: Step, error: Error): Between {
  let done = false;
  return async (step, perform) => {
    const answer = await perform();
    if (step !== lost || done) return answer;
    done = true;
    throw error;
  };
}

/** Drops the first call of a step, which has no effect. */
function loseCall(lost: Step, error: Error): Between {
  let done = false;
  return async (step, perform) => {
    if (step !== lost || done) return perform();
    done = true;
    throw error;
  };
}

/** Makes a reader void position 1 before its author writes to it; `next` then intercepts the calls. */
function withLostPosition(next: Between): Between {
  return async (step, perform) => {
    if (step === "entry" && (await table.headOf(room)) === 1) {
      await table.put([{ ...entryKey(room, 1), kind: "void", at: Date.now() }]);
    }
    return next(step, perform);
  };
}

/** Checks that the log contains no duplicates, and nothing that makes a reader wait longer than the grace period. */
async function expectOneEntry(seq: number): Promise<void> {
  expect((await table.visibleOf(room)).map((entry) => entry.seq)).toEqual([seq]);
  vi.setSystemTime(Date.now() + 2_000);
  const head = await table.headOf(room);
  expect(await readAfter(MESSAGES, room, 0, 100)).toMatchObject({ entries: [{ seq }], through: head, more: false });
}

describe("an answer that is lost once, after which the SDK sends the call again", () => {
  test.each<{ step: Step; seq: number; duplicate: boolean }>([
    // The first position is a hole, which readers fill.
    { step: "position", seq: 2, duplicate: false },
    { step: "claim", seq: 1, duplicate: false },
    { step: "entry", seq: 1, duplicate: true },
  ])("for the step $step: one entry, at $seq, which still has to be pushed", async ({ step, seq, duplicate }) => {
    table.between = loseAnswer(step, connectionLost());
    const appended = await say("hi");
    expect(appended).toMatchObject({ entry: { seq }, duplicate, isNew: true });
    await expectOneEntry(seq);
    expect(await say("hi", { retry: true })).toEqual({ entry: appended.entry, duplicate: true, isNew: false });
  });

  test.each<{ step: Step; seq: number }>([
    { step: "move", seq: 2 },
    { step: "entry", seq: 2 },
  ])("for the step $step, after a reader claimed a position: one entry, at $seq", async ({ step, seq }) => {
    table.between = withLostPosition(loseAnswer(step, connectionLost()));
    expect(await say("hi")).toMatchObject({ entry: { seq }, isNew: true });
    table.reset();
    await expectOneEntry(seq);
  });

  test("for voiding a retry's position: the position is void, and the answer is the first append's", async () => {
    const { entry } = await say("hi");
    vi.setSystemTime(Date.now() + 1);
    table.between = loseAnswer("void", connectionLost());
    expect(await say("hi")).toEqual({ entry, duplicate: true, isNew: false });
    expect((await table.entriesOf(room)).map(({ kind }) => kind)).toEqual(["message", "void"]);
  });

  test("for voiding a conflict's position: the append is still refused as a conflict", async () => {
    await say("hi");
    table.between = loseAnswer("void", connectionLost());
    await expect(say("ho")).rejects.toMatchObject({ code: "ID_CONFLICT" });
    expect((await table.entriesOf(room)).map(({ kind }) => kind)).toEqual(["message", "void"]);
  });

  test("for every step at once: one entry", async () => {
    let calls = 0;
    table.between = async (_, perform) => {
      const answer = await perform();
      if (++calls % 2 === 1) throw connectionLost();
      return answer;
    };
    const { entry, isNew } = await say("hi");
    expect(isNew).toBe(true);
    table.reset();
    await expectOneEntry(entry.seq);
  });
});

describe.each([{ retry: true }, { retry: false }])(
  "a function that crashes, and a client that retries with retry: $retry",
  ({ retry }) => {
    const dead = new Error("the function is gone");
    const steps: Step[] = ["position", "claim", "entry"];

    test.each(steps)("after the step %s: one entry", async (step) => {
      table.between = loseAnswer(step, dead);
      await expect(say("hi")).rejects.toThrow(dead);
      const { entry } = await say("hi", { retry });
      expect(await say("hi", { retry })).toMatchObject({ entry, duplicate: true });
      await expectOneEntry(entry.seq);
    });

    test.each(steps)("before the step %s: one entry", async (step) => {
      table.between = loseCall(step, dead);
      await expect(say("hi")).rejects.toThrow(dead);
      const { entry } = await say("hi", { retry });
      expect(await say("hi", { retry })).toMatchObject({ entry, duplicate: true });
      await expectOneEntry(entry.seq);
    });

    test.each<Step>(["move", "entry"])(
      "after the step %s for a position that a reader claimed: one entry",
      async (step) => {
        let moved = step === "move";
        table.between = withLostPosition(async (current, perform) => {
          const answer = await perform();
          if (current === "move" && step === "entry") moved = true;
          else if (moved && current === step) throw dead;
          return answer;
        });
        await expect(say("hi")).rejects.toThrow(dead);
        table.reset();
        const { entry } = await say("hi", { retry });
        expect(await say("hi", { retry })).toMatchObject({ entry, duplicate: true });
        await expectOneEntry(entry.seq);
      },
    );

    test("after its entry: the retry returns the first attempt's time, whatever time it is now", async () => {
      const sentAt = Date.now();
      table.between = loseAnswer("entry", dead);
      await expect(say("hi")).rejects.toThrow(dead);
      vi.setSystemTime(sentAt + 60_000);
      expect(await say("hi", { retry })).toMatchObject({ entry: { seq: 1, sentAt }, duplicate: true, isNew: false });
    });

    test("before its entry, long enough ago that a reader has filled the hole: one entry, after the void position", async () => {
      table.between = loseCall("entry", dead);
      await expect(say("hi")).rejects.toThrow(dead);
      vi.setSystemTime(Date.now() + 60_000);
      expect(await readAfter(MESSAGES, room, 0, 100)).toMatchObject({ entries: [], through: 1 });
      const { entry } = await say("hi", { retry });
      expect(entry.seq).toBeGreaterThan(1);
      await expectOneEntry(entry.seq);
    });
  },
);

test("an answer that is lost permanently is an error of the append, never an acknowledgment", async () => {
  table.between = async (step, perform) => {
    const answer = await perform();
    if (step === "entry") throw connectionLost();
    return answer;
  };
  await expect(say("hi")).rejects.toThrow("socket hang up");
  expect(table.calls.filter(({ step }) => step === "entry").length).toBeGreaterThan(1);
  table.reset();
  await expectOneEntry(1);
});
