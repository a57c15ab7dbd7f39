/**
 * Lambda in virtual time: each environment handles one event at a time, an event starts a new environment if none is
 * free, and an invocation's calls to AWS use the CPU one after the other.
 */
import type { Dice } from "../../tests/checker/chance.ts";
import type { AwsRequest, Environment, Outside } from "../../tests/checker/environment.ts";
import type { EnvironmentPool } from "../../tests/checker/functions.ts";
import { Invocation } from "../../tests/checker/invocation.ts";
import type { VirtualClock } from "../../tests/checker/virtualClock.ts";
import type { Latencies } from "./assumptions.ts";
import { drawn } from "./drawn.ts";
import { functionIn, type Usage } from "./usage.ts";

export type Invoked = { result: unknown } | { error: string };

/** An environment and the work that it is doing. */
interface Slot {
  which: number;
  environment: Environment | undefined;
}

/** The running function, and the time when its processor becomes free. */
interface Running {
  name: string;
  busyUntil: number;
}

interface LambdaWorld {
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly latencies: Latencies;
  readonly usage: Usage;
  fetch(url: string): unknown;
  busy<T>(work: Promise<T>): Promise<T>;
  /**
   * Makes a call to AWS, after the time that the environment's CPU takes to prepare it.
   *
   * @param name name of the calling function
   */
  request(name: string, request: AwsRequest, afterMs: number): void;
}

export class Lambda {
  readonly #world: LambdaWorld;
  readonly #pool: EnvironmentPool;
  readonly #outside: Outside;
  /** Free environments by function. The most recently used one is used next. */
  readonly #free = new Map<string, Slot[]>();
  readonly #counts = new Map<string, number>();
  readonly #running = new Map<Invocation, Running>();
  #invocations = 0;

  constructor(world: LambdaWorld, pool: EnvironmentPool) {
    this.#world = world;
    this.#pool = pool;
    this.#outside = {
      now: () => world.clock.now(),
      after: (ms, run) => world.clock.after(ms, run),
      random: () => world.dice.next(),
      request: (invocation, request) => this.#request(invocation, request),
      fetch: async (url) => world.fetch(url),
      busy: (work) => world.busy(work),
    };
  }

  get runningCount(): number {
    return this.#running.size;
  }

  /** @returns once the function has ended */
  async invoke(name: string, event: unknown): Promise<Invoked> {
    const { clock, usage, dice, latencies } = this.#world;
    const slot = this.#free.get(name)?.pop() ?? this.#newSlot(name);
    const coldMs = slot.environment === undefined ? drawn(dice, latencies.coldMs) : 0;
    if (slot.environment === undefined) {
      usage.coldStarts += 1;
      slot.environment = this.#pool.take(name, slot.which, this.#outside);
    }
    const { environment } = slot;
    const invocation = new Invocation(`${name}~${++this.#invocations}`, environment.quota, () => dice);
    this.#running.set(invocation, { name, busyUntil: 0 });
    const began = clock.elapsed();
    if (coldMs > 0) await new Promise<void>((resolve) => void clock.after(coldMs, resolve));
    const invoked = await new Promise<Invoked>((resolve) => {
      const timeoutMs = this.#pool.code(name).timeoutMs;
      const stopTimer = clock.after(timeoutMs, () => {
        invocation.isStopped = true;
        resolve({ error: `${name} timed out after ${timeoutMs / 1_000} s` });
      });
      environment.invoke(event, invocation).then(
        (result) => {
          stopTimer();
          resolve({ result });
        },
        (error: Error) => {
          stopTimer();
          resolve({ error: `${name}: ${error.message}` });
        },
      );
    });
    invocation.isOver = true;
    this.#running.delete(invocation);
    const count = functionIn(usage, name);
    count.invocations += 1;
    count.billedMs += clock.elapsed() - began;
    const free = this.#free.get(name) ?? [];
    this.#free.set(name, free);
    free.push(slot);
    return invoked;
  }

  #newSlot(name: string): Slot {
    const which = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, which);
    return { which, environment: undefined };
  }

  #request(invocation: Invocation, request: AwsRequest): void {
    const running = this.#running.get(invocation);
    if (running === undefined || invocation.isStopped) return;
    const { clock, latencies } = this.#world;
    const isPost = request.path.includes("/@connections/") || request.path.includes("/%40connections/");
    const cpuMs = isPost ? latencies.postCpuMs : latencies.callCpuMs;
    running.busyUntil = Math.max(running.busyUntil, clock.elapsed()) + cpuMs;
    this.#world.request(running.name, request, running.busyUntil - clock.elapsed());
  }
}
