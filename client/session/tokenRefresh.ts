/** Sends a newer token before the last one ends, for past its end nothing is delivered and nothing accepted. */
import type { AckFrame } from "../../protocol/responses.ts";
import type { Clock } from "../clock.ts";
import type { ChatError } from "../errors.ts";
import type { Connection } from "./connection.ts";

const EARLY_MS = 60_000;
const AGAIN_MS = 10_000;
/** The function has 10 s; to wait longer for its answer would be time in which nothing is delivered. */
const ANSWER_MS = 12_000;

export interface TokenRefreshArgs {
  clock: Clock;
  token: () => Promise<string>;
  connection: () => Promise<Connection>;
  /** The server does not know the connection any more. */
  onForgotten: (why: ChatError) => void;
  /** The newer one holds: what was held back may be asked for. */
  onRefreshed: () => void;
}

export class TokenRefresh {
  readonly #args: TokenRefreshArgs;
  #stopTimer = () => {};
  #running: Promise<void> | undefined;

  constructor(args: TokenRefreshArgs) {
    this.#args = args;
  }

  /** @param expiresAt end of the token that holds now, in milliseconds since 1970 */
  schedule(expiresAt: number): void {
    const left = expiresAt - this.#args.clock.now();
    // Half of a short life is early enough; a second at least, so that no issuer is asked in a circle.
    this.#later(Math.max(1_000, left - Math.min(EARLY_MS, left / 2)));
  }

  /** Does it now; who comes while it is under way waits for the same. @throws ChatError */
  now(): Promise<void> {
    this.#running ??= this.#refresh().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #refresh(): Promise<void> {
    const { token, connection, onForgotten, onRefreshed } = this.#args;
    this.#stopTimer();
    try {
      // The connection first: a token that was asked for before may be old when there is one.
      const open = await connection();
      const newer = await token();
      const { expiresAt } = (await open.request({ action: "refreshToken", token: newer }, ANSWER_MS)) as AckFrame;
      this.schedule(expiresAt as number);
      onRefreshed();
    } catch (error) {
      if ((error as ChatError).code === "NOT_A_MEMBER") onForgotten(error as ChatError);
      this.#later(AGAIN_MS);
      throw error;
    }
  }

  #later(ms: number): void {
    this.#stopTimer();
    // Its failure is seen in what is refused then; it is tried again, and a new connection brings a new token.
    this.#stopTimer = this.#args.clock.after(ms, () => void this.now().catch(() => {}));
  }
}
