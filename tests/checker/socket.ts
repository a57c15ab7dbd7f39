/** Sockets of simulated clients, with the interface of a browser's WebSocket. */
import type { Socket } from "../../client/session/socket.ts";
import type { ActorClock } from "./actorClock.ts";
import { Line, type LineEnd } from "./line.ts";
import { shownFrame } from "./shownFrame.ts";
import type { World } from "./world.ts";

/** The client that a socket belongs to. */
export interface SocketOwner {
  client: string;
  user: string;
  clock: ActorClock;
  /** Number of the next connection; counting goes on when the client is restarted. */
  nextConnection(): number;
  /** Whether the client has no network, so that its connections fail. */
  isOffline(): boolean;
  sockets: Set<SimulatedSocket>;
}

/** Creates a client's WebSocket class. */
export function socketClass(
  world: World,
  owner: SocketOwner,
): new (
  url: string,
  protocols: string[],
) => SimulatedSocket {
  return class extends SimulatedSocket {
    constructor(url: string, protocols: string[]) {
      super(world, owner, url, protocols);
    }
  };
}

export class SimulatedSocket implements Socket, LineEnd {
  readonly url: string;
  readyState = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly line: Line;
  readonly #world: World;
  readonly #owner: SocketOwner;

  constructor(world: World, owner: SocketOwner, url: string, protocols: string[]) {
    this.#world = world;
    this.#owner = owner;
    this.url = url;
    const key = `${owner.client}#${owner.nextConnection()}`;
    this.line = new Line(world, owner.clock, this, { client: owner.client, key });
    owner.sockets.add(this);
    world.history.add({ kind: "connection", client: owner.client, connection: key, state: "opening" });
    if (owner.isOffline()) owner.clock.after(1, () => this.closed(1006));
    else this.line.open(protocols);
  }

  send(text: string): void {
    if (this.readyState === 0) throw new Error("InvalidStateError: the socket is not open yet");
    if (this.readyState !== 1) return;
    const { client, user } = this.#owner;
    this.#world.history.add({ kind: "frame out", client, user, connection: this.line.key, frame: shownFrame(text) });
    this.line.toGateway(text);
  }

  close(): void {
    if (this.readyState >= 2) return;
    this.readyState = 2;
    this.line.closeGateway();
    // On a dead line, nobody answers the close frame.
    this.#owner.clock.after(3_000, () => this.closed(1006));
  }

  opened(): void {
    if (this.readyState !== 0) return;
    this.readyState = 1;
    this.onopen?.({ type: "open" } as never);
  }

  received(text: string): void {
    // A socket that is closing still receives frames.
    if (this.readyState === 3) return;
    const { client, user } = this.#owner;
    this.#world.history.add({
      kind: "frame in",
      client,
      user,
      connection: this.line.key,
      frame: JSON.parse(text),
      bytes: Buffer.byteLength(text),
    });
    this.onmessage?.({ data: text } as never);
  }

  closed(code: number): void {
    if (this.readyState === 3) return;
    const wasOpen = this.readyState !== 0;
    this.readyState = 3;
    this.#owner.sockets.delete(this);
    this.#world.history.add({
      kind: "connection",
      client: this.#owner.client,
      connection: this.line.key,
      state: "closed",
    });
    if (!wasOpen) this.onerror?.({ type: "error" } as never);
    this.onclose?.({ type: "close", code } as never);
  }
}
