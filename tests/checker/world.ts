/** One run's world: everything that clients can reach, with one clock and one seed. */
import { Aws } from "./aws.ts";
import { Chance } from "./chance.ts";
import { type Fault, Faults } from "./faults.ts";
import { type EnvironmentPool, Functions } from "./functions.ts";
import { Gateway } from "./gateway.ts";
import { History } from "./history.ts";
import { Issuer } from "./issuer.ts";
import { Store, type TableDefinition } from "./store.ts";
import type { Tempo } from "./tempo.ts";
import { VirtualClock } from "./virtualClock.ts";

export interface WorldArgs {
  seed: number;
  tempo: Tempo;
  shares: Map<Fault, number>;
  /** Names of the faults that may happen. @default all */
  onlyFaults: ReadonlySet<string> | undefined;
  pool: EnvironmentPool;
  tables: TableDefinition[];
}

export class World {
  readonly seed: number;
  tempo: Tempo;
  readonly clock = new VirtualClock();
  readonly chance: Chance;
  readonly history: History;
  readonly faults: Faults;
  readonly store: Store;
  readonly functions: Functions;
  readonly aws: Aws;
  readonly gateway: Gateway;
  readonly issuer: Issuer;
  readonly #busy = new Set<Promise<unknown>>();

  private constructor({ seed, tempo, shares, onlyFaults, pool }: WorldArgs, store: Store) {
    this.seed = seed;
    this.tempo = tempo;
    this.store = store;
    this.chance = new Chance(seed);
    this.history = new History(() => this.clock.elapsed());
    this.faults = new Faults(this.history, shares, onlyFaults);
    this.functions = new Functions(this, pool);
    this.aws = new Aws(this);
    this.gateway = new Gateway(this);
    this.issuer = new Issuer(
      this.functions.variable("refreshToken", "ISSUER"),
      this.functions.variable("refreshToken", "AUDIENCE"),
    );
  }

  static async make(args: WorldArgs): Promise<World> {
    return new World(args, await Store.open(args.tables));
  }

  /** Lets time pass up to this many milliseconds after the start. */
  runUntil(elapsed: number): Promise<void> {
    return this.clock.runUntil(elapsed, () => this.#quiet());
  }

  busy<T>(work: Promise<T>): Promise<T> {
    const done = () => void this.#busy.delete(work);
    this.#busy.add(work);
    work.then(done, done);
    return work;
  }

  async end(): Promise<void> {
    await this.store.close();
  }

  /** An event is over when no promise is left to continue and no other thread works for it. */
  async #quiet(): Promise<void> {
    await nextTurn();
    while (this.#busy.size > 0) {
      await Promise.allSettled(this.#busy);
      await nextTurn();
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
