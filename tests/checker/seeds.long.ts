import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../program/stack.ts";
import { bundlesWith } from "./bundles.ts";
import { Crew } from "./crew.ts";
import type { Report } from "./worker.ts";

let crew: Crew;

beforeAll(async () => {
  crew = new Crew(await bundlesWith());
});
afterAll(() => crew?.close());

test("seeds 4 to 125 keep every guarantee", { timeout: 1_200_000 }, async () => {
  const findings: { seed: number; property: string }[] = [];

  await crew.runAll(
    4,
    122,
    ({ seed, findings: found }) => void findings.push(...found.map((one) => ({ seed, ...one }))),
  );

  expect(findings).toEqual([]);
});

test("a seed has the same history in another thread, after another seed, and in another process", async () => {
  const first = await crew.run(1);
  const other = new Crew(await bundlesWith(), 1);
  const again: Report[] = [];
  for (const seed of [2, 1]) again.push(await other.run(seed));
  await other.close();
  const command = ["cli/launch.js", "tests/checker/run.ts", "--from", "1", "--seeds", "1", "--jobs", "1", "--hashes"];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT });

  expect(again[1]?.hash).toBe(first.hash);
  expect(stdout.split("\n")[0]).toBe(`seed 1: ${first.hash}`);
});
