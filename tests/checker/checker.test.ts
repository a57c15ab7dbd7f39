/** Checks the guarantees of docs/guarantees.md under faults, in a few seeds; `npm run checker` runs more. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../program/stack.ts";
import { bundlesWith } from "./bundles.ts";
import { Crew } from "./crew.ts";
import type { Report } from "./worker.ts";

/** Number of seeds. tests/checker/seeds.long.ts continues where these stop. */
const SEEDS = 3;

describe("the functions as they are deployed, and the library", () => {
  const reports = new Map<number, Report>();
  let crew: Crew;

  beforeAll(async () => {
    crew = new Crew(await bundlesWith());
  });
  afterAll(() => crew?.close());

  test(`keep every guarantee in ${SEEDS} seeds`, { timeout: 120_000 }, async () => {
    await crew.runAll(1, SEEDS, (report) => void reports.set(report.seed, report));

    const findings = [...reports.values()].flatMap(({ seed, findings }) =>
      findings.map((finding) => ({ seed, ...finding })),
    );
    expect(findings).toEqual([]);
  });

  test("are exposed to faults", () => {
    const faults = [...reports.values()].flatMap(({ faults }) => faults);

    expect(faults.length).toBeGreaterThan(10 * SEEDS);
    expect(new Set(faults.map((fault) => fault.split(":")[0])).size).toBeGreaterThan(10);
  });
});

describe("the command", () => {
  const checker = (...args: string[]) =>
    promisify(execFile)(process.execPath, ["cli/launch.js", "tests/checker/run.ts", ...args], { cwd: ROOT });

  test("lists the faults that can be planted", async () => {
    expect((await checker("--help")).stdout).toMatch(/no-dedupe .*\n.*pipelined-sends/s);
  });

  test.each([
    [["--seeds", "many"], '--seeds must be a whole number of at least 1, not "many"'],
    [["--plant", "weeds"], "there is no fault weeds; --help lists them"],
    [["--seed", "1"], "--help shows the options"],
  ])("explains what is wrong with %j", async (args, message) => {
    await expect(checker(...args)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
  });
});
