import type { State, User } from "@serverless-chat/client";
import type { Host } from "./host.ts";
import { Source } from "./source.ts";

export interface ConnectionSnapshot {
  state: State;
  /** The user according to the server; undefined before the first connection is open. */
  user: User | undefined;
}

export class ConnectionSource extends Source<ConnectionSnapshot> {
  readonly #host: Host;

  constructor(host: Host) {
    super({ state: { name: "connecting" }, user: undefined });
    this.#host = host;
  }

  /** Reconnects now instead of at the next scheduled attempt. */
  readonly connect = (): void => this.#host.client.connect();

  /** Checks now whether the connection works and whether entries were missed. */
  readonly check = (): Promise<void> => this.#host.client.check();

  protected start(): () => void {
    const release = this.#host.retain();
    const { client } = this.#host;
    const show = () => {
      const { state } = client;
      this.set(state.name === "open" ? { state, user: state.user } : { state });
    };
    const remove = client.onState(show);
    show();
    return () => {
      remove();
      release();
    };
  }
}
