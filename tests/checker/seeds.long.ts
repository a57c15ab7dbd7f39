import { afterAll, beforeAll, expect, test } from "vitest";
import { bundlesWith } from "./bundles.ts";
import { Crew } from "./crew.ts";

let crew: Crew;

beforeAll(async () => {
  crew = new Crew(await bundlesWith());
});
afterAll(() => crew?.close());

test("every guarantee is kept in 119 seeds more", { timeout: 1_200_000 }, async () => {
  const findings: { seed: number; property: string }[] = [];

  await crew.runAll(
    7,
    119,
    ({ seed, findings: found }) => void findings.push(...found.map((one) => ({ seed, ...one }))),
  );

  expect(findings).toEqual([]);
});
