import { ActorClock } from "../actorClock.ts";
import type { SimulatedSocket, SocketOwner } from "../socket.ts";
import type { World } from "../world.ts";

/** A machine that sleeps for at least this time loses its connections, because the network times out sooner. */
const LONG_SLEEP_MS = 60_000;

/** Base of all simulated clients: a machine that sleeps and crashes, a network that breaks, and tokens. */
export class Machine implements SocketOwner {
  readonly client: string;
  readonly user: string;
  readonly sockets = new Set<SimulatedSocket>();
  clock: ActorClock;
  readonly #world: World;
  readonly #tokenLifeMs: number;
  readonly #clockAheadMs: number;
  #connections = 0;
  #lives = 0;
  #isOffline = false;
  #sleepsUntil = 0;

  constructor(world: World, names: { client: string; user: string; clockAheadMs?: number }, tokenLifeMs: number) {
    this.#world = world;
    this.client = names.client;
    this.user = names.user;
    this.#clockAheadMs = names.clockAheadMs ?? 0;
    this.#tokenLifeMs = tokenLifeMs;
    this.clock = this.#newClock();
  }

  nextConnection(): number {
    return ++this.#connections;
  }

  isOffline(): boolean {
    return this.#isOffline;
  }

  token(): string {
    return this.#world.issuer.token(this.user, this.#world.clock.now() + this.#tokenLifeMs);
  }

  /** Sleeps for at least this time; a machine that already sleeps longer keeps sleeping. */
  sleep(ms: number): void {
    this.#sleepsUntil = Math.max(this.#sleepsUntil, this.#world.clock.elapsed() + ms);
    this.clock.sleep(this.sleepsForMs);
    if (ms < LONG_SLEEP_MS) return;
    const dice = this.#world.chance.of("long sleep", this.client, this.#world.clock.elapsed());
    const byClientMs = dice.happens(0.5) ? ms : undefined;
    const byGatewayMs = dice.happens(0.5) ? dice.magnitude(1_000, 100_000) : undefined;
    // Frames that it has just sent may still arrive; frames on their way to it don't.
    this.#world.clock.after(dice.magnitude(1, 2_000), () => this.cut({ byClientMs, byGatewayMs }));
  }

  get sleepsForMs(): number {
    return Math.max(0, this.#sleepsUntil - this.#world.clock.elapsed());
  }

  goOffline(): void {
    this.#isOffline = true;
    this.cut({ byClientMs: undefined, byGatewayMs: undefined });
  }

  goOnline(): void {
    this.#isOffline = false;
  }

  cut(seen: { byClientMs: number | undefined; byGatewayMs: number | undefined }): void {
    for (const { line } of this.sockets) line.cut(seen);
  }

  /** Drops everything that ran on the machine. `rise` starts the machine afresh, with a new clock. */
  die(byGatewayMs: number | undefined): void {
    this.clock.die();
    this.cut({ byClientMs: undefined, byGatewayMs });
    this.sockets.clear();
  }

  rise(): void {
    this.clock = this.#newClock();
  }

  #newClock(): ActorClock {
    const dice = this.#world.chance.of("machine", this.client, ++this.#lives);
    return new ActorClock(this.#world.clock, dice, this.#clockAheadMs);
  }
}
