/** Finds which parts of a run are needed to break a property, by leaving out more and more steps and faults. */
import type { Laboratory, Run } from "./simulate.ts";
import { simulate } from "./simulate.ts";

/** Maximum number of runs. The result after that is usually short enough. */
const RUNS = 150;

export async function shrink(seed: number, property: string, laboratory: Laboratory): Promise<Run> {
  let shortest = await simulate(seed, laboratory);
  let runs = 0;
  /** Runs with some of the remaining parts. @returns whether that still breaks the property */
  const attempt = async (steps: string[], faults: string[]): Promise<boolean> => {
    if (runs++ >= RUNS) return false;
    const run = await simulate(seed, laboratory, { steps: new Set(steps), faults: new Set(faults) });
    if (!run.findings.some((finding) => finding.property === property)) return false;
    shortest = run;
    return true;
  };
  const steps = () => shortest.plan.steps.map(({ name }) => name);
  // Faults go first: there are many, and most aren't needed.
  await reduce(
    () => shortest.faults,
    (faults) => attempt(steps(), faults),
  );
  await reduce(steps, (some) => attempt(some, shortest.faults));
  await reduce(
    () => shortest.faults,
    (faults) => attempt(steps(), faults),
  );
  return shortest;
}

/**
 * Leaves out halves, then quarters, and so on, as delta debugging does when it tests complements.
 * https://www.st.cs.uni-saarland.de/papers/tse2002/tse2002.pdf
 */
async function reduce(current: () => string[], stillBreaks: (some: string[]) => Promise<boolean>): Promise<void> {
  if (current().length > 0 && (await stillBreaks([]))) return;
  for (let parts = 2; parts <= 2 * current().length; parts *= 2) {
    const size = Math.ceil(current().length / Math.min(parts, current().length));
    for (let start = 0; start < current().length; ) {
      const items = current();
      const isShorter = await stillBreaks([...items.slice(0, start), ...items.slice(start + size)]);
      if (!isShorter) start += size;
    }
    if (size === 1) return;
  }
}
