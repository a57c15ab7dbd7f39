/** The execution environments of one function: starts as many as the machine has room for, and ends unneeded ones. */
import { type Capacity, type EnvironmentOwner, isShortStart, MAX_ENVIRONMENTS_OF_FUNCTION } from "./capacity.ts";
import type { ExecutionEnvironment } from "./environment.ts";

/**
 * Age at which an environment ends, because Lambda also ends environments after some hours. The environment's
 * credentials are valid for longer.
 */
const MAX_AGE_MS = 2 * 3_600_000;

/**
 * An idle environment ends after this time, because each uses 15 to 25 MB. Lambda waits for minutes; the time isn't
 * documented.
 */
export const MAX_IDLE_MS = 10_000;

/** The last environment of a function ends later, so that somebody who types slowly doesn't wait for a cold start. */
export const MAX_LAST_IDLE_MS = 30_000;

export class Environments {
  readonly #all = new Set<ExecutionEnvironment>();
  readonly #starting = new Set<ExecutionEnvironment>();
  readonly #idleTimers = new WeakMap<ExecutionEnvironment, NodeJS.Timeout>();
  readonly #owner: EnvironmentOwner;
  readonly #capacity: Capacity;
  readonly #make: () => ExecutionEnvironment;

  /** @param make starts a new environment */
  constructor(owner: EnvironmentOwner, capacity: Capacity, make: () => ExecutionEnvironment) {
    this.#owner = owner;
    this.#capacity = capacity;
    this.#make = make;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Number of environments that are running an event. */
  get busy(): number {
    return this.#all.size - this.#idle().length - this.#starting.size;
  }

  /** Number of environments that are starting. */
  get starting(): number {
    return this.#starting.size;
  }

  /** The time when the oldest idle environment became idle, by `performance.now()`; undefined if none is idle. */
  get oldestIdle(): number | undefined {
    const times = this.#idle().map(({ idleSince }) => idleSince as number);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Ends the oldest idle environment to make room for another function. */
  endOldestIdle(): void {
    const oldest = this.#idle().find(({ idleSince }) => idleSince === this.oldestIdle);
    if (oldest === undefined) return;
    this.#all.delete(oldest);
    void oldest.end();
  }

  /**
   * Takes an idle environment. If there is none, starts one, but doesn't keep it for the event that asked: the event
   * waits, and runs in whichever environment is idle first.
   *
   * @returns undefined if the event has to wait
   */
  take(): ExecutionEnvironment | undefined {
    const environment = this.#latestIdle();
    if (environment === undefined) {
      this.#start();
      return undefined;
    }
    environment.idleSince = undefined;
    environment.busySince = performance.now();
    return environment;
  }

  /** Makes an environment idle after its event. */
  release(environment: ExecutionEnvironment): void {
    environment.hasWorked = true;
    this.#makeIdle(environment);
  }

  #makeIdle(environment: ExecutionEnvironment): void {
    environment.idleSince = performance.now();
    if (environment.retired || performance.now() - environment.startedAt > MAX_AGE_MS) this.end(environment);
    else this.#endWhenIdle(environment);
  }

  /** Ends an environment, whatever it is doing, and offers its place to other functions. */
  end(environment: ExecutionEnvironment): void {
    if (!this.#all.delete(environment)) return;
    this.#starting.delete(environment);
    void environment.end();
    this.#capacity.give();
  }

  /** Ends all environments; busy ones end after their event. */
  retire(): void {
    // A copy, because ending an environment frees its place, in which one with the new code may start at once.
    for (const environment of [...this.#all]) {
      const isBusy = environment.idleSince === undefined && !this.#starting.has(environment);
      if (isBusy) environment.retired = true;
      else this.end(environment);
    }
  }

  /** Ends all environments at once, even busy ones. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#all].map((environment) => environment.end()));
  }

  #idle(): ExecutionEnvironment[] {
    return [...this.#all].filter(({ idleSince }) => idleSince !== undefined);
  }

  /**
   * The idle environment that worked last, so that the others stay idle and end first. An environment that has never
   * worked comes last, because it is slower and may have failed to start.
   */
  #latestIdle(): ExecutionEnvironment | undefined {
    const inOrder = (a: ExecutionEnvironment, b: ExecutionEnvironment) =>
      Number(b.hasWorked) - Number(a.hasWorked) || (b.idleSince as number) - (a.idleSince as number);
    return this.#idle().sort(inOrder)[0];
  }

  /** Starts an environment, unless another one has just begun to start or there is no room. */
  #start(): void {
    if ([...this.#starting].some(isShortStart) || this.#all.size >= MAX_ENVIRONMENTS_OF_FUNCTION) return;
    const isFirst = [...this.#all].every(({ retired }) => retired);
    if (!this.#capacity.makeRoom(this.#owner, isFirst)) return;
    const environment = this.#make();
    this.#capacity.take(environment);
    this.#all.add(environment);
    this.#starting.add(environment);
    void environment.started.then(() => {
      this.#starting.delete(environment);
      if (this.#all.has(environment)) this.#makeIdle(environment);
      this.#capacity.started(environment);
    });
  }

  #endWhenIdle(environment: ExecutionEnvironment): void {
    const check = () => {
      if (environment.idleSince === undefined || !this.#all.has(environment)) return;
      const restMs = MAX_LAST_IDLE_MS - (performance.now() - environment.idleSince);
      if (this.#all.size > 1 || restMs <= 0) this.end(environment);
      else this.#idleTimers.set(environment, setTimeout(check, restMs).unref());
    };
    clearTimeout(this.#idleTimers.get(environment));
    this.#idleTimers.set(environment, setTimeout(check, MAX_IDLE_MS).unref());
  }
}
