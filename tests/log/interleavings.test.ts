/**
 * Writers and readers run at the same time. Their calls to the table take turns in an order that fast-check chooses,
 * with answers that are lost, calls that the SDK sends twice, functions that die between any two calls, and clocks that
 * advance. In every case, each ack is true, each message has one entry, and entries that a reader has seen stay.
 */
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Appended, append } from "../../chat/log/append.ts";
import { readAfter, readBefore } from "../../chat/log/read.ts";
import type { AuthoredEntry, Entry } from "../../protocol/entries.ts";
import type { Page } from "../../protocol/responses.ts";
import { LogTable, MESSAGES } from "./logTable.ts";
import { Dead, Turns, turn } from "./turns.ts";

let table: LogTable;
let room = "";
let rooms = 0;

beforeAll(async () => {
  table = await LogTable.start();
});
afterAll(() => table?.stop());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
  table.reset();
});

type Actor =
  | { does: "append"; id: "a" | "b"; retry: boolean }
  | { does: "readAfter"; cursor: number }
  | { does: "readBefore" };

const say = (id: string, retry: boolean): Promise<Appended> =>
  append(MESSAGES, {
    room,
    user: { id: "ana", name: "Ana" },
    id,
    content: { kind: "message", text: `text of ${id}` },
    retry,
  });

const appending = fc.record({
  does: fc.constant("append" as const),
  id: fc.constantFrom("a" as const, "a" as const, "b" as const),
  retry: fc.boolean(),
});
const reading = fc.oneof(
  fc.record({ does: fc.constant("readAfter" as const), cursor: fc.nat(2) }),
  fc.record({ does: fc.constant("readBefore" as const) }),
);
const actor: fc.Arbitrary<Actor> = fc.oneof({ weight: 2, arbitrary: appending }, { weight: 1, arbitrary: reading });

test("no order of calls and no failure among them loses, duplicates or moves an entry that was acknowledged or seen", async () => {
  const actors = fc.array(actor, { minLength: 2, maxLength: 5 });
  const property = fc.asyncProperty(actors, fc.array(turn, { maxLength: 40 }), async (acting, chosen) => {
    room = `room ${++rooms}`;
    const turns = new Turns(chosen);
    table.between = turns.between;
    const acks: AuthoredEntry[] = [];
    const pages: Page[] = [];
    const act = async (what: Actor) => {
      if (what.does === "append") {
        acks.push((await say(what.id, what.retry)).entry);
        return;
      }
      const page =
        what.does === "readAfter"
          ? await readAfter(MESSAGES, room, what.cursor, 100)
          : await readBefore(MESSAGES, room, undefined, 100);
      if (!("reason" in page)) pages.push(page);
    };
    const results = await turns.run(acting.map((what) => () => act(what)));
    for (const result of results) if (result.status === "rejected") expect(result.reason).toBeInstanceOf(Dead);

    // The clients of crashed functions send again, and readers settle the rest.
    const ids = new Set(acting.flatMap((what) => (what.does === "append" ? [what.id] : [])));
    for (const id of ids) for (const retry of [true, false]) acks.push((await say(id, retry)).entry);
    vi.setSystemTime(Date.now() + 2_000);
    const log = (await readAfter(MESSAGES, room, 0, 100)) as Page;
    expect(log).toMatchObject({ through: await table.headOf(room), more: false });

    expect(log.entries.map(({ id }) => id).sort()).toEqual([...ids].sort());
    for (const ack of acks) expect(log.entries).toContainEqual(ack);
    for (const { entries, from, through } of pages) {
      expect(entries).toEqual(log.entries.filter(({ seq }) => seq >= from && seq <= through));
    }
    const stored: Entry[] = await table.entriesOf(room);
    expect(stored.filter(({ kind }) => kind !== "void")).toEqual(log.entries);
    expect(stored.map(({ seq }) => seq)).toEqual(Array.from({ length: log.head }, (_, i) => i + 1));
  });
  await fc.assert(property, { numRuns: 100 });
});
