/** Lambda: runs functions in execution environments, and ends invocations that time out. */
import type { Chance } from "./chance.ts";
import { type AwsRequest, CompiledFunction, Environment, type FunctionCode, type Outside } from "./environment.ts";
import type { History } from "./history.ts";
import { Invocation } from "./invocation.ts";
import type { Issuer } from "./issuer.ts";
import { shownFrame } from "./shownFrame.ts";
import type { VirtualClock } from "./virtualClock.ts";

/** Environments per function; two of them, so that no code can rely on memory of an earlier invocation. */
const ENVIRONMENTS = 2;

/** A thread's environments, which outlive a run because starting one takes as long as many sends. */
export class EnvironmentPool {
  readonly #compiled: Map<string, CompiledFunction>;
  readonly #environments = new Map<string, Environment>();
  /** The environments that this run has used. */
  readonly #entered = new Set<Environment>();

  constructor(codes: FunctionCode[]) {
    this.#compiled = new Map(codes.map((code) => [code.name, new CompiledFunction(code)]));
  }

  code(name: string): FunctionCode {
    const compiled = this.#compiled.get(name);
    if (compiled === undefined) throw new Error(`the program has no function ${name}`);
    return compiled.code;
  }

  take(name: string, which: number, outside: Outside): Environment {
    const key = `${name} ${which}`;
    let environment = this.#environments.get(key);
    if (environment === undefined) {
      environment = new Environment(this.#compiled.get(name) as CompiledFunction, outside);
      this.#environments.set(key, environment);
    } else if (!this.#entered.has(environment)) environment.enter(outside);
    this.#entered.add(environment);
    return environment;
  }

  /** Starts another environment for the next event, as Lambda does after a crash or a timeout. */
  replace(name: string, which: number): void {
    this.#environments.delete(`${name} ${which}`);
  }

  /**
   * Ends a run.
   *
   * @returns false if state from earlier runs may have affected this one; all environments are then discarded
   */
  end(): boolean {
    const isCertain = ![...this.#entered].some(({ quota }) => quota.isUncertain);
    for (const [key, { quota }] of this.#environments) if (!isCertain || quota.isLow) this.#environments.delete(key);
    this.#entered.clear();
    return isCertain;
  }
}

export type Invoked = { result: unknown } | { error: string };

/** The part of the world that functions use. */
interface FunctionsWorld {
  readonly chance: Chance;
  readonly clock: VirtualClock;
  readonly history: History;
  readonly aws: { request(invocation: Invocation, request: AwsRequest): void };
  readonly issuer: Issuer;
  busy<T>(work: Promise<T>): Promise<T>;
}

export class Functions {
  readonly #world: FunctionsWorld;
  readonly #pool: EnvironmentPool;
  readonly #outside: Outside;

  constructor(world: FunctionsWorld, pool: EnvironmentPool) {
    this.#world = world;
    this.#pool = pool;
    this.#outside = outsideOf(world);
  }

  variable(functionName: string, name: string): string {
    return this.#pool.code(functionName).variables[name] ?? "";
  }

  /**
   * Runs a function.
   *
   * @param key names the invocation
   * @param connection key of the connection that the event comes from
   */
  invoke(functionName: string, event: unknown, key: string, connection?: string): Promise<Invoked> {
    const { chance, clock, history } = this.#world;
    const which = chance.of("environment", key).integer(1, ENVIRONMENTS);
    const environment = this.#pool.take(functionName, which, this.#outside);
    const invocation = new Invocation(key, environment.quota, () => chance.of("random", key));
    const { body } = event as { body?: string };
    history.add({
      kind: "invoked",
      invocation: key,
      connection,
      frame: body === undefined ? undefined : shownFrame(body),
    });
    return new Promise((resolve) => {
      const end = (invoked: Invoked) => {
        if (invocation.isOver) return;
        invocation.isOver = true;
        stopTimer();
        if (invocation.isStopped) this.#pool.replace(functionName, which);
        const excuse = invocation.excuse ?? (invocation.lostPositions >= 5 ? "it lost 5 positions" : undefined);
        if ("error" in invoked) history.add({ kind: "failed", invocation: key, why: invoked.error, excuse });
        else history.add({ kind: "returned", invocation: key, answer: answerOf(invoked.result), excuse });
        resolve(invoked);
      };
      invocation.fail = (why) => {
        invocation.isStopped = true;
        invocation.excuse ??= why;
        end({ error: why });
      };
      const stopTimer = clock.after(this.#pool.code(functionName).timeoutMs, () => invocation.fail("Task timed out"));
      environment.invoke(event, invocation).then(
        (result) => {
          if (!invocation.isStopped) end({ result });
        },
        (error: Error) => end({ error: `${error.name}: ${error.message}` }),
      );
    });
  }
}

function outsideOf(world: FunctionsWorld): Outside {
  return {
    now: () => world.clock.now(),
    after: (ms, run) => world.clock.after(ms, run),
    random: (invocation) => invocation.random(),
    request: (invocation, request) => {
      if (!invocation.isStopped) world.aws.request(invocation, request);
    },
    fetch: async (url) => world.issuer.fetch(url),
    busy: (work) => world.busy(work),
  };
}

function answerOf(result: unknown): unknown {
  const { body } = (result ?? {}) as { body?: string };
  return body === undefined ? undefined : JSON.parse(body);
}
