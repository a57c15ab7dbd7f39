/** A world for a client that a test rules: time, the server, the wire and the network. */
import { Client, type ClientOptions, type State } from "../../../client/index.ts";
import { settled, VirtualClock } from "./clock.ts";
import { VirtualServer } from "./server.ts";

/** Far more than a frame needs there and back. */
const A_WHILE_MS = 100;

export class World {
  readonly clock = new VirtualClock();
  readonly server = new VirtualServer(this.clock);
  readonly network = new EventTarget();
  #ids = 0;
  #tokens = 0;

  /** A client of a user, which connects at once. */
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

  /** A client that is connected. */
  async openClient(user?: string, options?: Partial<ClientOptions>): Promise<Client> {
    const client = this.client(user, options);
    await this.pass();
    return client;
  }

  /** Time passes, and everything that was under way has arrived. */
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

/** Notes the states of a client, from now on. */
export function statesOf(client: Client): State[] {
  const states: State[] = [];
  client.onState((state) => states.push(state));
  return states;
}

export function namesOf(states: State[]): State["name"][] {
  return states.map(({ name }) => name);
}

/** What a promise has come to by now. */
export function outcomeOf<T>(promise: Promise<T>): Promise<T | "nothing yet"> {
  return Promise.race([promise, settled().then(() => "nothing yet" as const)]);
}
