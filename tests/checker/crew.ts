/** Threads that run seeds, each thread one at a time. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Bundles } from "./bundles.ts";
import type { Report, Task } from "./worker.ts";

/** Young generation in MB, which is large because nearly everything that a run allocates is garbage at its end. */
const YOUNG_MB = 64;

interface Waiting {
  resolve: (report: Report) => void;
  reject: (error: Error) => void;
}

export class Crew {
  readonly #workers: Worker[];
  readonly #idle: Worker[];
  readonly #tasks: Task[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #ids = 0;

  constructor(bundles: Bundles, size = availableParallelism()) {
    this.#workers = Array.from({ length: size }, () => this.#start(bundles));
    this.#idle = [...this.#workers];
  }

  run(seed: number): Promise<Report> {
    return this.#give({ seed });
  }

  /**
   * Looks for the shortest part of a seed's run that still breaks the property.
   *
   * @param isWhole whether the report's story includes lines that are seldom of interest
   */
  shrink(seed: number, property: string, isWhole: boolean): Promise<Report> {
    return this.#give({ seed, property, isWhole });
  }

  /** Runs seeds, each on the next free thread. @param onReport returns false to start no further seeds */
  async runAll(from: number, count: number, onReport: (report: Report) => unknown): Promise<void> {
    let next = from;
    const work = async () => {
      while (next < from + count) {
        if (onReport(await this.run(next++)) === false) next = from + count;
      }
    };
    await Promise.all(this.#workers.map(work));
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(bundles: Bundles): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: bundles,
      // Without this, Node would warn that it has to detect the module type of protocol/actions.ts, because the nearest
      // package.json states no type.
      execArgv: ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "--disable-warning=ExperimentalWarning"],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker.on("message", ({ id, report, error }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      this.#idle.push(worker);
      this.#next();
      if (error === undefined) waiting?.resolve(report);
      else waiting?.reject(new Error(error));
    });
    worker.on("error", (error: Error) => {
      for (const { reject } of this.#waiting.values()) reject(error);
    });
    return worker;
  }

  #give(task: Omit<Task, "id">): Promise<Report> {
    const id = ++this.#ids;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#tasks.push({ id, ...task });
      this.#next();
    });
  }

  #next(): void {
    const worker = this.#tasks.length > 0 ? this.#idle.pop() : undefined;
    worker?.postMessage(this.#tasks.shift());
  }
}
