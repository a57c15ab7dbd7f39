import { requestToken } from "../../cli/localIssuer.ts";
import { systemClock } from "../../client/clock.ts";
import { Client, type ClientOptions } from "../../client/index.ts";

/** Clients for users of a local cloud, all closed by `leave`. */
export class People {
  readonly #url: string;
  readonly #clients: Client[] = [];

  /** @param url the WebSocket address */
  constructor(url: string) {
    this.#url = url;
  }

  /** A client for a user, with tokens from the local issuer. */
  client(user: string, options: Partial<ClientOptions> = {}): Client {
    const client = new Client({
      url: this.#url,
      token: () => requestToken(`http://${new URL(this.#url).host}`, { user }),
      // Shortens pauses, because a test that keeps breaking connections shouldn't wait for the longest ones.
      clock: { ...systemClock, random: () => 0.02 },
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  leave(): void {
    for (const client of this.#clients.splice(0)) client.close();
  }
}

/** Resolves when a client is connected. */
export function opened(client: Client): Promise<void> {
  return new Promise((resolve) => {
    if (client.state.name === "open") resolve();
    const remove = client.onState(({ name }) => {
      if (name !== "open") return;
      remove();
      resolve();
    });
  });
}
