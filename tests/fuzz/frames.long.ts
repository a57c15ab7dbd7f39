import { beforeAll, describe, expect, test } from "vitest";
import { commandOf, fuzz, optionsFor, type Report } from "./frames.ts";

const options = optionsFor(100_000);
const [early, late] = [Math.min(20_000, options.count), options.count];

/** Maximum growth of the functions' memory between the two measurements: some growth is due to chance. */
const MOST_GROWTH_MB = 8;

describe(`${options.count} invalid frames that none of our clients sends, with seed ${options.seed}`, () => {
  let report: Report;

  beforeAll(async () => {
    console.log(`to reproduce this: ${commandOf(options)}`);
    report = await fuzz({ ...options, heapAt: [early, late] });
    console.log(JSON.stringify({ answers: report.answers, appended: report.appended, heap: [...report.heap] }));
  }, 1_800_000);

  test("are answered as documented and do no damage", () => {
    expect(report.findings, commandOf(options)).toEqual([]);
  });

  test("cause every kind of answer", () => {
    const sorts = ["ready", "ack", "page", "reset", "rooms", "presence", "pong", ""];
    const codes = ["BAD_JSON", "BAD_REQUEST", "UNKNOWN_ACTION", "UNAUTHORIZED", "FORBIDDEN", "TOKEN_EXPIRED"];
    const others = ["NOT_A_MEMBER", "NOT_FOUND", "ID_CONFLICT", "TOO_LARGE"];
    expect(Object.keys(report.answers)).toEqual(expect.arrayContaining([...sorts, ...codes, ...others]));
    expect(report.appended).toBeGreaterThan(options.count / 100);
  });

  test("leave nothing in the functions' memory", () => {
    const [before = 0, after = 0] = [report.heap.get(early), report.heap.get(late)];
    expect(before).toBeGreaterThan(0);
    expect((after - before) / 2 ** 20).toBeLessThan(MOST_GROWTH_MB);
  });
});
