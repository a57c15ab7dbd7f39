/** Buckets: what they let through, and what that costs. */
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type * as Rates from "../../chat/limits/rates.ts";
import { type ChatCloud, CONNECTIONS, startChatCloud } from "./chatCloud.ts";

let at: ChatCloud;
let chat: typeof Rates;
let units = 0;
let count = 0;

beforeAll(async () => {
  at = await startChatCloud();
  chat = await import("../../chat/limits/rates.ts");
  const { call } = at.cloud.store;
  at.cloud.store.call = (operation, body) => {
    // Each write is of less than 1 KB, and a failed condition counts.
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
  test("costs 1 write unit when it is empty, 2 when it is not, 1 or 2 for a refusal, and nothing until its time has come", async () => {
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

  test("keeps people apart", async () => {
    const rate = sharedOf(1, 1);
    expect([await rate.take("ana"), await rate.take("bob"), (await rate.take("ana")) > 0]).toEqual([0, 0, true]);
  });

  test("lets a flood that waits as it is told write once a second at most", async () => {
    const rate = sharedOf(10, 1);
    let taken = 0;
    for (let ms = 0; ms < 10_000; ms += 20) {
      later(20);
      if ((await rate.take("ana")) === 0) taken += 1;
    }
    expect(units - taken).toBeLessThanOrEqual(10);
  });
});

describe("a bucket in memory", () => {
  test("never lets more through than the rate and the burst, and always that much to who waits", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 200 }),
        (perSecond, burst, pauses) => {
          const rate = new chat.LocalRate({ perSecond, burst });
          const taken: number[] = [];
          for (const ms of pauses) {
            later(ms);
            const waitMs = rate.take("ana");
            if (waitMs === 0) taken.push(Date.now());
            else {
              later(waitMs);
              expect(rate.take("ana")).toBe(0);
              taken.push(Date.now());
            }
          }
          for (const [i, from] of taken.entries()) {
            const within = taken.slice(i).filter((ms) => ms - from <= 1_000).length;
            expect(within).toBeLessThanOrEqual(burst + perSecond + 1);
          }
        },
      ),
    );
  });

  test("is not closed for long when the clock is set back", () => {
    const rate = new chat.LocalRate({ perSecond: 1, burst: 1 });
    rate.take("ana");
    later(-86_400_000);
    expect(rate.take("ana")).toBeLessThanOrEqual(1_000);
  });
});

describe("a room's rate", () => {
  test("counts what other environments append, by the positions that are seen", () => {
    const rate = new chat.RoomRate({ perSecond: 10, burst: 20 });
    rate.saw("lobby", 100);
    later(1_000);
    // 50 positions in a second, of which this environment wrote one.
    rate.saw("lobby", 150);
    expect(rate.waitMs("lobby")).toBeGreaterThanOrEqual(1_000);
    expect(rate.waitMs("other")).toBe(0);
    later(10_000);
    expect(rate.waitMs("lobby")).toBe(0);
  });

  test("does not take what has come in a long while for what has come at once", () => {
    const rate = new chat.RoomRate({ perSecond: 100, burst: 200 });
    rate.saw("lobby", 1);
    later(600_000);
    rate.saw("lobby", 3_001);
    expect(rate.waitMs("lobby")).toBe(0);
  });

  test("says nothing of a room that grows slowly for long", () => {
    const rate = new chat.RoomRate({ perSecond: 10, burst: 20 });
    for (let seq = 1; seq < 1_000; seq++) {
      rate.saw("lobby", seq);
      later(120);
      expect(rate.waitMs("lobby")).toBe(0);
    }
  });
});
