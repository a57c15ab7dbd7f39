/** The world of one run: everything that clients can reach, with one clock and one seed. */
import { Aws } from "./aws.ts";
import { Chance } from "./chance.ts";
import { type Fault, Faults } from "./faults.ts";
import { type EnvironmentPool, Functions } from "./functions.ts";
import { Gateway } from "./gateway.ts";
import { History } from "./history.ts";
import { Issuer } from "./issuer.ts";
import { PendingWork } from "./pendingWork.ts";
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
  readonly #pending = new PendingWork();

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
    return this.clock.runUntil(elapsed, () => this.#pending.settled());
  }

  busy<T>(work: Promise<T>): Promise<T> {
    return this.#pending.add(work);
  }

  async end(): Promise<void> {
    await this.store.close();
  }
}
