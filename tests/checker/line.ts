/** The network between a client's socket and the gateway: like TCP, it keeps each direction's order and can break. */
import type { ActorClock } from "./actorClock.ts";
import type { Chance } from "./chance.ts";
import type { GatewayConnection } from "./gatewayConnection.ts";
import type { Tempo } from "./tempo.ts";
import type { VirtualClock } from "./virtualClock.ts";

/** The socket's end of a line. */
export interface LineEnd {
  opened(): void;
  received(text: string): void;
  closed(code: number): void;
}

/** The part of the world that a line uses. */
interface LineWorld {
  readonly chance: Chance;
  readonly clock: VirtualClock;
  readonly tempo: Tempo;
  readonly gateway: {
    handshake(line: Line, protocols: string[]): Promise<void>;
    message(connection: GatewayConnection, client: string, text: string): Promise<void>;
    ended(connection: GatewayConnection): void;
  };
}

export class Line {
  readonly client: string;
  /** Key of the connection that it carries. */
  readonly key: string;
  connection: GatewayConnection | undefined;
  /** Whether the gateway has noticed its end. */
  isCutAtGateway = false;
  readonly #world: LineWorld;
  readonly #clock: ActorClock;
  readonly #end: LineEnd;
  readonly #delayMs: number;
  /** Whether it has stopped letting anything through, in either direction. */
  #isDead = false;
  #lastThere = 0;
  #lastBack = 0;

  constructor(world: LineWorld, clock: ActorClock, end: LineEnd, names: { client: string; key: string }) {
    this.#world = world;
    this.#clock = clock;
    this.#end = end;
    this.client = names.client;
    this.key = names.key;
    this.#delayMs = world.chance.of("line", names.key).magnitude(...world.tempo.lineMs);
  }

  open(protocols: string[]): void {
    this.#there(() => void this.#world.gateway.handshake(this, protocols));
  }

  opened(): void {
    this.#back(() => this.#end.opened());
  }

  refuse(): void {
    this.#back(() => this.#end.closed(1006));
  }

  toGateway(text: string): void {
    this.#there(() => {
      if (this.connection !== undefined) void this.#world.gateway.message(this.connection, this.client, text);
    });
  }

  toClient(text: string): void {
    this.#back(() => this.#end.received(text));
  }

  /** Called when the client has closed its socket. The client gets the close event after the gateway has answered. */
  closeGateway(): void {
    this.#there(() => {
      this.#endAtGateway();
      this.#back(() => this.#end.closed(1000));
    });
  }

  closeClient(code: number): void {
    this.#back(() => this.#end.closed(code));
  }

  /** Breaks the connection. @param seen after how long each side notices; undefined for never */
  cut(seen: { byClientMs: number | undefined; byGatewayMs: number | undefined }): void {
    if (this.#isDead) return;
    this.#isDead = true;
    const { byClientMs, byGatewayMs } = seen;
    if (byClientMs !== undefined) this.#clock.after(byClientMs, () => this.#end.closed(1006));
    if (byGatewayMs !== undefined) this.#world.clock.after(byGatewayMs, () => this.#endAtGateway());
  }

  #endAtGateway(): void {
    this.isCutAtGateway = true;
    if (this.connection !== undefined) this.#world.gateway.ended(this.connection);
  }

  #there(run: () => void): void {
    const { clock } = this.#world;
    this.#lastThere = Math.max(this.#lastThere, clock.elapsed() + this.#delayMs);
    clock.after(this.#lastThere - clock.elapsed(), () => {
      if (!this.#isDead) run();
    });
  }

  #back(run: () => void): void {
    const { clock } = this.#world;
    this.#lastBack = Math.max(this.#lastBack, clock.elapsed() + this.#delayMs);
    // Frames for a sleeping client wait until it wakes.
    this.#clock.after(this.#lastBack - clock.elapsed(), () => {
      if (!this.#isDead) run();
    });
  }
}
