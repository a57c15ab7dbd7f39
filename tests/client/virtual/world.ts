/** A client's world, controlled by a test: time, the server, the wire and the network. */
import { Client, type ClientOptions, type State } from "../../../client/index.ts";
import { settled, VirtualClock } from "./clock.ts";
import { VirtualServer } from "./server.ts";

/** A time far longer than a frame's round trip. */
const A_WHILE_MS = 100;

export class World {
  readonly clock = new VirtualClock();
  readonly server = new VirtualServer(this.clock);
  readonly network = new EventTarget();
  #ids = 0;
  #tokens = 0;

  /** A client for a user, which connects at once. */
  client(user = "ana", options: Partial<ClientOptions> = {}): Client {
    return new Client({
      url: "wss://chat.example/dev",
      token: async () => (++this.#tokens === 1 ? user : `${user}@${this.#tokens}`),
      clock: this.clock,
      WebSocket: this.server.WebSocket,
      network: this.network,
      newId: () => `${user} id ${++this.#ids}`,
      ...options,
    });
  }

  /** A connected client. */
  async openClient(user?: string, options?: Partial<ClientOptions>): Promise<Client> {
    const client = this.client(user, options);
    await this.pass();
    return client;
  }

  /** Lets time pass; by default, until everything that was in flight has arrived. */
  pass(ms = A_WHILE_MS): Promise<void> {
    return this.clock.advance(ms);
  }

  goOffline(): void {
    this.network.dispatchEvent(new Event("offline"));
  }

  goOnline(): void {
    this.network.dispatchEvent(new Event("online"));
  }
}

/** Records a client's states from now on. */
export function statesOf(client: Client): State[] {
  const states: State[] = [];
  client.onState((state) => states.push(state));
  return states;
}

export function namesOf(states: State[]): State["name"][] {
  return states.map(({ name }) => name);
}

/** The outcome of a promise so far. */
export function outcomeOf<T>(promise: Promise<T>): Promise<T | "nothing yet"> {
  return Promise.race([promise, settled().then(() => "nothing yet" as const)]);
}
