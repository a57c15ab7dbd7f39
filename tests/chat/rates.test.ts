/** Tests rate-limit buckets, which actions fill and time empties: how much they allow, and what that costs. */
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type * as FrameBudgets from "../../chat/limits/frameBudget.ts";
import type * as RoomRates from "../../chat/limits/roomRate.ts";
import type * as SharedRates from "../../chat/limits/sharedRate.ts";
import { type ChatCloud, CONNECTIONS, startChatCloud } from "./chatCloud.ts";

let at: ChatCloud;
let chat: Omit<typeof FrameBudgets & typeof RoomRates & typeof SharedRates, "default">;
let units = 0;
let count = 0;

beforeAll(async () => {
  at = await startChatCloud();
  chat = {
    ...(await import("../../chat/limits/frameBudget.ts")),
    ...(await import("../../chat/limits/roomRate.ts")),
    ...(await import("../../chat/limits/sharedRate.ts")),
  };
  const { call } = at.cloud.store;
  at.cloud.store.call = (operation, body) => {
    // Each write is smaller than 1 KB and costs one unit, even if its condition fails.
    if (operation !== "GetItem") units += 1;
    return call.call(at.cloud.store, operation, body);
  };
});
afterAll(() => at?.stop());

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  units = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const sharedOf = (perSecond: number, burst: number, kind = `kind ${++count}`) =>
  new chat.SharedRate(CONNECTIONS as never, kind, { perSecond, burst });

describe("a bucket in the table", () => {
  test("costs 1 write unit when it is empty, 2 when it isn't, 1 or 2 for a refusal, and nothing until the retry time", async () => {
    const rate = sharedOf(1, 2);
    expect([await rate.take("ana"), units]).toEqual([0, 1]);
    expect([await rate.take("ana"), units]).toEqual([0, 3]);
    expect([await rate.take("ana"), units]).toEqual([1_000, 4]);
    for (let i = 0; i < 100; i++) expect(await rate.take("ana")).toBe(1_000);
    expect(units).toBe(4);
    later(1_000);
    expect(await rate.take("ana")).toBe(0);
  });

  test("holds across functions and environments", async () => {
    const [one, two] = [sharedOf(1, 3, "shared"), sharedOf(1, 3, "shared")];
    const taken = [];
    for (const rate of [one, two, one, two]) taken.push((await rate.take("ana")) === 0);
    expect(taken).toEqual([true, true, true, false]);
  });

  test("counts each person separately", async () => {
    const rate = sharedOf(1, 1);
    expect([await rate.take("ana"), await rate.take("bob"), (await rate.take("ana")) > 0]).toEqual([0, 0, true]);
  });

  test("costs at most one write per second for the refusals of a flooding client", async () => {
    const rate = sharedOf(10, 1);
    let taken = 0;
    for (let ms = 0; ms < 10_000; ms += 20) {
      later(20);
      if ((await rate.take("ana")) === 0) taken += 1;
    }
    expect(units - taken).toBeLessThanOrEqual(10);
  });
});

describe("a bucket", () => {
  test("never allows more than rate and burst permit, and always allows that much to a caller who waits", async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 60 }),
      async (perSecond, burst, pauses) => {
        const rate = sharedOf(perSecond, burst);
        const taken: number[] = [];
        for (const ms of pauses) {
          later(ms);
          const waitMs = await rate.take("ana");
          later(waitMs);
          if (waitMs > 0) expect(await rate.take("ana")).toBe(0);
          taken.push(Date.now());
        }
        for (const [i, from] of taken.entries()) {
          const within = taken.slice(i).filter((ms) => ms - from <= 1_000).length;
          expect(within).toBeLessThanOrEqual(burst + perSecond + 1);
        }
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });

  test("is as full after several actions at once as after the same actions one by one", async () => {
    const rate = sharedOf(10, 20);
    expect(await rate.take("ana", 20)).toBe(0);
    expect(await rate.take("ana")).toBeGreaterThan(0);
    later(1_000);
    expect(await rate.take("ana", 10)).toBe(0);
  });

  test("that was closed opens at its retry time, for actions at the rate and not for a burst", async () => {
    const rate = sharedOf(1, 5);
    await rate.close("ana", 30_000);
    expect(await rate.take("ana")).toBe(30_000);
    later(30_000);
    expect(await rate.take("ana")).toBe(0);
    expect(await rate.take("ana")).toBeGreaterThan(0);
  });

  test("reports to other environments, until its retry time, that it was closed and not just full", async () => {
    const [one, other] = [sharedOf(1, 5, "closed"), sharedOf(1, 5, "closed")];
    await other.take("ana", 5);
    await other.take("ana");
    expect(other.isClosed("ana")).toBe(false);
    later(60_000);
    await one.close("ana", 30_000);
    expect(await other.take("ana")).toBe(30_000);
    expect(other.isClosed("ana")).toBe(true);
    later(30_000);
    expect(other.isClosed("ana")).toBe(false);
  });
});

describe("a person's frame budget", () => {
  const budgetOf = (perSecond: number, burst: number) =>
    new chat.FrameBudget(CONNECTIONS as never, { perSecond, burst });

  test("costs one write unit for ten cheap frames and one for each expensive frame", async () => {
    const budget = budgetOf(1_000, 1_000);
    for (let i = 0; i < 9; i++) await budget.take("calm", 1);
    expect(units).toBe(0);
    await budget.take("calm", 1);
    expect(units).toBe(1);
    later(60_000);
    await budget.take("calm", chat.EXPENSIVE);
    expect(units).toBe(2);
  });

  test("holds across environments, each of which leaves fewer than ten frames uncounted", async () => {
    const environments = Array.from({ length: 10 }, () => budgetOf(1, 50));
    let passed = 0;
    for (let i = 0; i < 1_000; i++) {
      if ((await environments[i % 10]?.take("flood", 1)) === 0) passed += 1;
    }
    expect(passed).toBeLessThanOrEqual(50 + 10 * 10);
  });

  test("refuses a person who retries too early after a refusal, without a write", async () => {
    const budget = budgetOf(1, 10);
    await budget.take("fast", chat.EXPENSIVE);
    expect(await budget.take("fast", chat.EXPENSIVE)).toBeGreaterThan(0);
    units = 0;
    expect(budget.refusedMs("fast")).toBeGreaterThan(0);
    expect(units).toBe(0);
  });
});

describe("a room's rate", () => {
  test("counts other environments' appends by the positions that it sees", () => {
    const rate = new chat.RoomRate({ perSecond: 10, burst: 20 });
    rate.saw("lobby", 100);
    later(1_000);
    // 50 positions in one second, of which this environment wrote one.
    rate.saw("lobby", 150);
    expect(rate.waitMs("lobby")).toBeGreaterThanOrEqual(1_000);
    expect(rate.waitMs("other")).toBe(0);
    later(10_000);
    expect(rate.waitMs("lobby")).toBe(0);
  });

  test("doesn't mistake appends spread over a long time for a burst", () => {
    const rate = new chat.RoomRate({ perSecond: 100, burst: 200 });
    rate.saw("lobby", 1);
    later(600_000);
    rate.saw("lobby", 3_001);
    expect(rate.waitMs("lobby")).toBe(0);
  });

  test("ignores a room that grows slowly for a long time", () => {
    const rate = new chat.RoomRate({ perSecond: 10, burst: 20 });
    for (let seq = 1; seq < 1_000; seq++) {
      rate.saw("lobby", seq);
      later(120);
      expect(rate.waitMs("lobby")).toBe(0);
    }
  });
});
