import type { Frame } from "../history.ts";
import { SimulatedSocket } from "../socket.ts";
import type { World } from "../world.ts";
import type { Machine } from "./machine.ts";

/** The connection of a client that speaks the protocol itself. */
export class RawConnection {
  readonly #machine: Machine;
  readonly #socket: SimulatedSocket;
  readonly #waiting = new Map<string, (answer: Frame | undefined) => void>();

  private constructor(machine: Machine, socket: SimulatedSocket) {
    this.#machine = machine;
    this.#socket = socket;
    socket.onmessage = (({ data }: { data: string }) => {
      const frame = JSON.parse(data);
      if (frame.id !== undefined) this.#settle(frame.id, frame);
    }) as SimulatedSocket["onmessage"];
    socket.onclose = () => {
      for (const id of [...this.#waiting.keys()]) this.#settle(id, undefined);
    };
  }

  /**
   * Opens a connection.
   *
   * @returns undefined if the handshake fails or takes too long
   */
  static open(world: World, machine: Machine): Promise<RawConnection | undefined> {
    const socket = new SimulatedSocket(world, machine, "wss://chat.example/dev", [
      "chat.v1",
      `bearer.${machine.token()}`,
    ]);
    const connection = new RawConnection(machine, socket);
    return new Promise((resolve) => {
      socket.onopen = () => resolve(connection);
      socket.onerror = () => resolve(undefined);
      machine.clock.after(10_000, () => resolve(undefined));
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === 1;
  }

  send(text: string): void {
    if (this.isOpen) this.#socket.send(text);
  }

  /** Sends a request. @returns its answer; undefined if none comes in time or the connection is closed */
  ask(frame: { id: string } & Record<string, unknown>, timeoutMs: number): Promise<Frame | undefined> {
    if (!this.isOpen) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting.set(frame.id, resolve);
      this.#machine.clock.after(timeoutMs, () => this.#settle(frame.id, undefined));
      this.#socket.send(JSON.stringify(frame));
    });
  }

  close(): void {
    this.#socket.close();
  }

  #settle(id: string, answer: Frame | undefined): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}
