/** A checker that finds nothing may be blind, so it has to find each planted fault. */
import { expect, test } from "vitest";
import { bundlesWith } from "./bundles.ts";
import { Crew } from "./crew.ts";
import { PLANTS } from "./plants.ts";

const SEEDS = 200;

test.each(PLANTS)("$name is found within 200 seeds", { timeout: 600_000 }, async (plant) => {
  const crew = new Crew(await bundlesWith(plant));
  let found: number | undefined;

  await crew.runAll(plant.from ?? 1, SEEDS, ({ seed, findings }) => {
    if (findings.some(({ property }) => plant.breaks.includes(property))) found ??= seed;
    return found === undefined;
  });
  await crew.close();

  expect({ plant: plant.name, found }).toEqual({ plant: plant.name, found: expect.any(Number) });
});
