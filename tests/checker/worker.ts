/** A thread that runs seeds. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Bundles } from "./bundles.ts";
import { shrink } from "./shrink.ts";
import { laboratoryOf, simulate } from "./simulate.ts";
import { story } from "./story.ts";

export interface Task {
  id: number;
  seed: number;
  /** The property to find the shortest counterexample for; if undefined, the seed is only run. */
  property?: string;
  /** Whether the story includes lines that are seldom of interest. @default false */
  isWhole?: boolean;
}

export interface Report {
  seed: number;
  hash: string;
  findings: { property: string; says: string }[];
  appends: number;
  faults: string[];
  /** Steps of the plan. */
  steps: { at: number; who: string; deed: object; name: string }[];
  /** The history in readable form; empty if the task names no property. */
  story: string[];
}

const port = parentPort as MessagePort;
const laboratory = laboratoryOf(workerData as Bundles);

port.on("message", async ({ id, seed, property, isWhole = false }: Task) => {
  try {
    const run = property === undefined ? await simulate(seed, laboratory) : await shrink(seed, property, laboratory);
    const report: Report = {
      seed,
      hash: run.hash,
      findings: run.findings,
      appends: run.appends,
      faults: run.faults,
      steps: run.plan.steps,
      story: property === undefined ? [] : story(run.happenings, isWhole),
    };
    port.postMessage({ id, report });
  } catch (error) {
    port.postMessage({ id, error: `seed ${seed}: ${(error as Error).stack ?? error}` });
  }
});
