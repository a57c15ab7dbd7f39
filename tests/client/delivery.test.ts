/** Entries reach the application in order and exactly once, whatever happens to the pushes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChatError } from "../../client/errors.ts";
import { Delivery } from "../../client/room/delivery.ts";
import type { AuthoredEntry, Entry } from "../../protocol/entries.ts";
import type { Page, Reset } from "../../protocol/responses.ts";
import { VirtualClock } from "./virtual/clock.ts";

const KINDS = ["message", "edit", "delete", "reaction", "void", "poll"] as const;
type Kind = (typeof KINDS)[number];

/** The fate of a request for a page. */
type Fate =
  | { becomes: "page"; limit: number; ms: number }
  /** The position after this many entries is still being written. */
  | { becomes: "hole"; settled: number; retryAfterMs: number; ms: number }
  | { becomes: "error"; code: "CONNECTION_LOST" | "THROTTLED"; ms: number };

const A_PAGE: Fate = { becomes: "page", limit: 100, ms: 10 };
const LONG_MS = 600_000;

/** A delivery and the log from which its pages are served. */
class Desk {
  readonly clock = new VirtualClock();
  readonly log: Entry[] = [];
  readonly delivered: AuthoredEntry[] = [];
  readonly resets: Reset[] = [];
  readonly errors: ChatError[] = [];
  /** The cursor and time of each page request. */
  readonly asked: { after: number | undefined; at: number }[] = [];
  /** Fates of the next requests; further requests get a page. */
  readonly fates: Fate[] = [];
  /** If defined, answers every request in place of the log's pages. */
  answer: ((after: number | undefined) => Promise<Page | Reset>) | undefined;
  readonly delivery: Delivery;
  readonly #startedAt = this.clock.now();

  constructor(after?: number) {
    this.delivery = new Delivery(
      {
        clock: this.clock,
        fetch: (cursor) => this.#fetch(cursor),
        onEntries: (entries) => this.delivered.push(...entries),
        onReset: (reset) => this.resets.push(reset),
        onError: (error) => this.errors.push(error),
      },
      after,
    );
  }

  get seqs(): number[] {
    return this.delivered.map(({ seq }) => seq);
  }

  write(...kinds: Kind[]): void {
    for (const kind of kinds) {
      const seq = this.log.length + 1;
      const authored = { seq, kind, id: `id ${seq}`, user: { id: "bob", name: "Bob" }, sentAt: seq, text: `${seq}` };
      this.log.push((kind === "void" ? { seq, kind } : authored) as Entry);
    }
  }

  push(...seqs: number[]): void {
    this.delivery.push(seqs.map((seq) => this.log[seq - 1] as Entry));
  }

  /** The next positions that a reader is waiting for. */
  next(count: number): number[] {
    const cursor = this.delivery.cursor ?? 0;
    return range(cursor + 1, Math.min(cursor + count, this.log.length));
  }

  page(from: number, limit: number): Page {
    const head = this.log.length;
    const through = Math.max(from - 1, Math.min(from + limit - 1, head));
    const entries = this.log.slice(from - 1, through).filter((entry) => entry.kind !== "void");
    return { room: "r", from, through, head, more: through < head, entries };
  }

  newest(limit: number): Page {
    return this.page(Math.max(1, this.log.length - limit + 1), limit);
  }

  /** Positions of the entries that a reader with this cursor must get. */
  expected(after: number): number[] {
    return this.log.filter(({ seq, kind }) => seq > after && kind !== "void" && !isUnknown(kind)).map(({ seq }) => seq);
  }

  async #fetch(after: number | undefined): Promise<Page | Reset> {
    this.asked.push({ after, at: this.clock.now() - this.#startedAt });
    if (this.answer !== undefined) return this.answer(after);
    const fate = this.fates.shift() ?? A_PAGE;
    const limit = fate.becomes === "hole" ? fate.settled : fate.becomes === "page" ? fate.limit : 0;
    const page = after === undefined ? this.newest(limit) : this.page(after + 1, limit);
    await new Promise<void>((resolve) => void this.clock.after(fate.ms, resolve));
    if (fate.becomes === "error") throw new ChatError(fate.code, "no page this time");
    return fate.becomes === "hole" && page.more ? { ...page, retryAfterMs: fate.retryAfterMs } : page;
  }
}

function isUnknown(kind: string): boolean {
  return kind === "poll";
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const kind = fc.constantFrom(...KINDS);
const ms = fc.integer({ min: 0, max: 800 });
const fate: fc.Arbitrary<Fate> = fc.oneof(
  fc.record({ becomes: fc.constant("page" as const), limit: fc.integer({ min: 1, max: 100 }), ms }),
  fc.record({
    becomes: fc.constant("hole" as const),
    settled: fc.integer({ min: 0, max: 5 }),
    retryAfterMs: fc.integer({ min: 1, max: 2_000 }),
    ms,
  }),
  fc.record({
    becomes: fc.constant("error" as const),
    code: fc.constantFrom("CONNECTION_LOST" as const, "THROTTLED" as const),
    ms,
  }),
);
/** One step: the log grows; new, old or missing entries are pushed in any order; time passes; or a head is known. */
const step = fc.oneof(
  fc.record({ write: fc.array(kind, { minLength: 1, maxLength: 12 }) }),
  fc.record({ push: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }) }),
  fc.record({ push: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }) }),
  fc.record({ next: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ pass: fc.integer({ min: 0, max: 600 }) }),
  fc.record({ head: fc.constant(true) }),
);
const SOME: Kind[] = Array.from({ length: 40 }, (_, i) => KINDS[i % KINDS.length] as Kind);

describe("any order, loss and repetition of pushes", () => {
  test("yields exactly the log's entries after the cursor, in order, each once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.array(fate, { maxLength: 12 }),
        fc.option(fc.nat(40), { nil: undefined }),
        async (steps, fates, after) => {
          const desk = new Desk(after);
          desk.write(...SOME);
          desk.fates.push(...fates);
          let start = after ?? 0;
          if (after === undefined) {
            // The page in the answer to `joinRoom`.
            const first = desk.newest(10);
            start = first.from - 1;
            desk.delivery.take(first);
          }
          const isPrefix = () => expect(desk.seqs).toEqual(desk.expected(start).slice(0, desk.seqs.length));
          for (const step of steps) {
            if ("write" in step) desk.write(...step.write);
            // Positions are counted from the end, because new entries are pushed most often.
            else if ("push" in step) desk.push(...step.push.map((n) => desk.log.length - (n % desk.log.length)));
            else if ("next" in step) desk.push(...desk.next(step.next));
            else if ("pass" in step) await desk.clock.advance(step.pass);
            else desk.delivery.reach(desk.log.length);
            isPrefix();
          }
          // The heartbeat reports the end of the log, even if the last pushes were lost.
          desk.delivery.reach(desk.log.length);
          await desk.clock.advance(LONG_MS);
          expect(desk.seqs).toEqual(desk.expected(start));
          expect(desk.errors).toEqual([]);
          expect(desk.delivery.cursor).toBe(desk.log.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("requests nothing if every push arrives within 250 ms of the first that overtook it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(range(1, 30), { minLength: 30, maxLength: 30 }),
        fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 30, maxLength: 30 }),
        async (order, pauses) => {
          const desk = new Desk(0);
          desk.write(...SOME.slice(0, 30));
          for (const [i, seq] of order.entries()) {
            desk.push(seq);
            await desk.clock.advance(pauses[i] as number);
          }
          await desk.clock.advance(1_000);
          expect(desk.asked).toEqual([]);
          expect(desk.seqs).toEqual(desk.expected(0));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("a gap", () => {
  test("is requested after 250 ms, from the cursor on", async () => {
    const desk = new Desk(0);
    desk.write("message", "message", "message");
    desk.push(1);
    desk.push(3);
    await desk.clock.advance(249);
    expect(desk.asked).toEqual([]);
    await desk.clock.advance(1);
    expect(desk.asked).toEqual([{ after: 1, at: 250 }]);
    await desk.clock.advance(10);
    expect(desk.seqs).toEqual([1, 2, 3]);
  });

  test("hides the entries after it until it is filled", async () => {
    const desk = new Desk(0);
    desk.write("message", "message", "message");
    desk.push(3, 2);
    await desk.clock.advance(200);
    expect(desk.seqs).toEqual([]);
    desk.push(1);
    expect(desk.seqs).toEqual([1, 2, 3]);
  });

  test("is requested with one request at a time", async () => {
    const desk = new Desk(0);
    desk.write(...SOME);
    desk.fates.push({ becomes: "page", limit: 100, ms: 5_000 });
    for (const seq of range(2, 40)) {
      desk.push(seq);
      await desk.clock.advance(100);
    }
    expect(desk.asked).toHaveLength(1);
    await desk.clock.advance(5_000);
    expect(desk.seqs).toEqual(desk.expected(0));
    expect(desk.asked).toHaveLength(1);
  });

  test("of a thousand positions or more is filled page by page", async () => {
    const desk = new Desk(0);
    desk.write(...Array.from({ length: 2_500 }, (): Kind => "message"));
    desk.delivery.reach(2_500);
    await desk.clock.advance(LONG_MS);
    expect(desk.seqs).toEqual(range(1, 2_500));
    expect(desk.asked).toHaveLength(25);
  });

  test("is filled even if more than 1,000 pushes wait above it, and none of their entries is lost", async () => {
    const desk = new Desk(0);
    desk.write(...Array.from({ length: 1_500 }, (): Kind => "message"));
    desk.fates.push({ becomes: "page", limit: 1, ms: 10 });
    for (const seq of range(2, 1_500)) desk.push(seq);
    await desk.clock.advance(LONG_MS);
    expect(desk.seqs).toEqual(range(1, 1_500));
    // A thousand pushes were kept; the rest come from the log.
    expect(desk.asked.map(({ after }) => after)).toEqual([0, 1_001, 1_101, 1_201, 1_301, 1_401]);
  });

  test("that a short page fills needs no second page, because the waiting pushes follow it", async () => {
    const desk = new Desk(0);
    desk.write(...SOME);
    desk.fates.push({ becomes: "page", limit: 1, ms: 10 });
    desk.push(...range(2, 40));
    await desk.clock.advance(LONG_MS);
    expect(desk.seqs).toEqual(desk.expected(0));
    expect(desk.asked).toHaveLength(1);
  });

  test("isn't reopened by a page that arrives after the pushes that filled it", async () => {
    const desk = new Desk(0);
    desk.write(...SOME);
    desk.fates.push({ becomes: "page", limit: 2, ms: 1_000 });
    desk.push(3);
    await desk.clock.advance(500);
    desk.push(...range(1, 40));
    await desk.clock.advance(LONG_MS);
    expect(desk.delivery.cursor).toBe(40);
    expect(desk.seqs).toEqual(desk.expected(0));
    expect(desk.asked).toHaveLength(1);
  });

  test("that a page doesn't fill is requested again, with growing pauses", async () => {
    const desk = new Desk(0);
    desk.clock.chance = () => 0.999;
    desk.write("message", "message");
    for (let i = 0; i < 4; i++) desk.fates.push({ becomes: "error", code: "CONNECTION_LOST", ms: 0 });
    desk.push(2);
    await desk.clock.advance(LONG_MS);
    const pauses = desk.asked.slice(1).map(({ at }, i) => at - (desk.asked[i] as { at: number }).at);
    expect(pauses).toEqual([500, 999, 1_998, 3_996]);
    expect(desk.seqs).toEqual([1, 2]);
    expect(desk.errors).toEqual([]);

    // A page that arrives resets the pause.
    desk.asked.length = 0;
    desk.write("message", "message");
    desk.fates.push({ becomes: "error", code: "CONNECTION_LOST", ms: 0 });
    desk.push(4);
    await desk.clock.advance(LONG_MS);
    expect((desk.asked[1]?.at ?? 0) - (desk.asked[0]?.at ?? 0)).toBe(500);
  });

  test("isn't requested before the retry time in the server's refusal", async () => {
    const desk = new Desk(0);
    desk.write("message", "message");
    let refused = false;
    desk.answer = async (after) => {
      if (refused) return desk.page((after as number) + 1, 100);
      refused = true;
      throw new ChatError("RATE_LIMITED", "slow down", { retryAfterMs: 7_000 });
    };
    desk.push(2);
    await desk.clock.advance(250 + 6_999);
    expect(desk.asked).toHaveLength(1);
    await desk.clock.advance(1_000);
    expect(desk.asked).toHaveLength(2);
    expect(desk.seqs).toEqual([1, 2]);
  });

  test("whose request fails for good is reported, and is requested again with the next push", async () => {
    const desk = new Desk(0);
    desk.write("message", "message", "message");
    desk.answer = async () => Promise.reject(new ChatError("FORBIDDEN", "banned", { retryable: false }));
    desk.push(2);
    await desk.clock.advance(LONG_MS);
    expect(desk.errors.map(({ code }) => code)).toEqual(["FORBIDDEN"]);
    expect(desk.asked).toHaveLength(1);
    desk.answer = undefined;
    desk.push(3);
    await desk.clock.advance(1_000);
    expect(desk.seqs).toEqual([1, 2, 3]);
  });
});

describe("a position that is not settled yet", () => {
  test("is requested again after the page's retry time, and the entries before it are shown at once", async () => {
    const desk = new Desk(0);
    desk.write("message", "message", "message");
    desk.fates.push({ becomes: "hole", settled: 1, retryAfterMs: 1_300, ms: 0 });
    desk.delivery.reach(3, 0);
    await desk.clock.advance(1_299);
    expect(desk.seqs).toEqual([1]);
    expect(desk.asked).toHaveLength(1);
    await desk.clock.advance(20);
    expect(desk.asked.map(({ after, at }) => [after, at])).toEqual([
      [0, 0],
      [1, 1_300],
    ]);
    expect(desk.seqs).toEqual([1, 2, 3]);
  });

  test("may arrive as a push in the meantime and is then no longer requested", async () => {
    const desk = new Desk(0);
    desk.write("message", "message");
    desk.fates.push({ becomes: "hole", settled: 1, retryAfterMs: 1_300, ms: 0 });
    desk.delivery.reach(2, 0);
    await desk.clock.advance(500);
    desk.push(2);
    expect(desk.seqs).toEqual([1, 2]);
    await desk.clock.advance(LONG_MS);
    expect(desk.asked).toHaveLength(1);
  });

  test("is also awaited if the page came with the answer to a join", async () => {
    const desk = new Desk();
    desk.write("message", "message", "message");
    desk.delivery.take({ ...desk.page(1, 1), retryAfterMs: 900 });
    await desk.clock.advance(899);
    expect(desk.asked).toEqual([]);
    await desk.clock.advance(50);
    expect(desk.seqs).toEqual([1, 2, 3]);
  });

  test("doesn't make the client send requests without a pause if the page states no retry time", async () => {
    const desk = new Desk(0);
    desk.write("message");
    desk.answer = async (after) => ({ ...desk.page((after as number) + 1, 0), head: 1 });
    desk.delivery.reach(1, 0);
    await desk.clock.advance(2_500);
    expect(desk.asked.length).toBeLessThanOrEqual(11);
    desk.answer = undefined;
    await desk.clock.advance(1_000);
    expect(desk.seqs).toEqual([1]);
  });
});

describe("void positions and unknown kinds", () => {
  test("keep their places in the order and aren't shown", async () => {
    const desk = new Desk(0);
    desk.write("message", "void", "poll", "message");
    desk.push(1);
    desk.push(3);
    desk.push(2);
    desk.push(4);
    expect(desk.seqs).toEqual([1, 4]);
    await desk.clock.advance(LONG_MS);
    expect(desk.asked).toEqual([]);
  });

  test("at the end of a page move the cursor", async () => {
    const desk = new Desk(0);
    desk.write("message", "void", "poll");
    desk.delivery.take(desk.page(1, 100));
    expect(desk.delivery.cursor).toBe(3);
    expect(desk.seqs).toEqual([1]);
    await desk.clock.advance(LONG_MS);
    expect(desk.asked).toEqual([]);
  });
});

describe("a log that does not know the cursor", () => {
  test("is reported, and delivery restarts with its newest page", async () => {
    const desk = new Desk(500);
    desk.write(...SOME);
    desk.answer = async (after) => (after === 500 ? { room: "r", head: 40, reason: "ahead" } : desk.newest(10));
    desk.delivery.reach(501, 0);
    await desk.clock.advance(1_000);
    expect(desk.resets).toEqual([{ room: "r", head: 40, reason: "ahead" }]);
    expect(desk.asked.map(({ after }) => after)).toEqual([500, undefined]);
    expect(desk.seqs).toEqual(desk.expected(30));
    desk.write("message");
    desk.push(41);
    expect(desk.seqs.at(-1)).toBe(41);
  });

  test("discards pushes that waited for the old log", async () => {
    const desk = new Desk(3);
    desk.delivery.push([{ seq: 5, kind: "void" }]);
    desk.write("message");
    desk.delivery.reset({ room: "r", head: 1, reason: "ahead" });
    await desk.clock.advance(1_000);
    desk.write("message", "message", "message", "message");
    desk.push(2, 3, 4);
    expect(desk.delivery.cursor).toBe(4);
    desk.push(5);
    expect(desk.seqs).toEqual([1, 2, 3, 4, 5]);
  });

  test("makes delivery restart even if the first requests for a page fail", async () => {
    const desk = new Desk(500);
    desk.write("message", "message");
    for (let i = 0; i < 3; i++) desk.fates.push({ becomes: "error", code: "THROTTLED", ms: 100 });
    desk.delivery.reset({ room: "r", head: 2, reason: "ahead" });
    await desk.clock.advance(LONG_MS);
    expect(desk.resets).toHaveLength(1);
    expect(desk.seqs).toEqual([1, 2]);
  });
});

describe("after delivery has ended", () => {
  test("no page that was in flight is shown, and none is requested", async () => {
    const desk = new Desk(0);
    desk.write("message");
    desk.fates.push({ becomes: "page", limit: 100, ms: 1_000 });
    desk.delivery.reach(1, 0);
    await desk.clock.advance(500);
    desk.delivery.stop();
    await desk.clock.advance(LONG_MS);
    expect(desk.seqs).toEqual([]);
    expect(desk.asked).toHaveLength(1);
  });

  test("a failed page isn't requested again", async () => {
    const desk = new Desk(0);
    desk.write("message");
    desk.fates.push({ becomes: "error", code: "CONNECTION_LOST", ms: 0 });
    desk.delivery.reach(1, 0);
    await desk.clock.advance(0);
    desk.delivery.stop();
    await desk.clock.advance(LONG_MS);
    expect(desk.asked).toHaveLength(1);
    expect(desk.errors).toEqual([]);
  });

  test("the failure of a request that was in flight isn't reported", async () => {
    const desk = new Desk(0);
    desk.write("message");
    desk.answer = async () => {
      await new Promise<void>((resolve) => void desk.clock.after(100, resolve));
      throw new ChatError("CLOSED", "the client was closed", { retryable: false });
    };
    desk.delivery.reach(1, 0);
    await desk.clock.advance(50);
    desk.delivery.stop();
    await desk.clock.advance(LONG_MS);
    expect(desk.errors).toEqual([]);
  });
});
