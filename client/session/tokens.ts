import type { Clock } from "../clock.ts";
import { ChatError } from "../errors.ts";

const TIMEOUT_MS = 10_000;

/** Gets tokens from the user's function. */
export class Tokens {
  /** A token that the server has refused since it last accepted one. */
  refused: string | undefined;
  readonly #clock: Clock;
  readonly #token: () => string | Promise<string>;

  constructor(clock: Clock, token: () => string | Promise<string>) {
    this.#clock = clock;
    this.#token = token;
  }

  /** @throws ChatError NO_TOKEN, or UNAUTHORIZED for a token that the server has refused before */
  async next(): Promise<string> {
    const newer = await new Promise<string>((resolve, reject) => {
      const fail = (cause: unknown) => reject(ChatError.from(cause, "NO_TOKEN"));
      const cancelTimer = this.#clock.after(TIMEOUT_MS, () =>
        fail(`the token function didn't answer within ${TIMEOUT_MS} ms`),
      );
      // Called inside a promise, because the function may throw synchronously.
      new Promise<string>((resolve) => resolve(this.#token())).then(resolve, fail).finally(cancelTimer);
    });
    if (!newer) throw new ChatError("NO_TOKEN", "the token function returned no token");
    if (newer !== this.refused) return newer;
    throw new ChatError("UNAUTHORIZED", "the token function returned the token that the server has refused", {
      retryable: false,
    });
  }
}
