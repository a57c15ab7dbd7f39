/**
 * Sends a newer token before the current one expires: with an expired token, nothing is accepted or delivered.
 * The server states times as durations, so a wrong clock doesn't matter.
 */
import type { AckFrame } from "../../protocol/responses.ts";
import type { Clock } from "../clock.ts";
import type { ChatError } from "../errors.ts";
import type { Connection } from "./connection.ts";

/** Time between a refresh and the expiry of the token; half of the token's lifetime if that is shorter. */
const EARLY_MS = 60_000;

/** Pause after a failed refresh. */
const RETRY_MS = 10_000;

/** Maximum time for the answer: longer than the server's function may run, which is 10 s. */
const ANSWER_TIMEOUT_MS = 12_000;

/** Minimum time before the next refresh. An expiry reported this soon after a refresh is ignored. */
const MIN_INTERVAL_MS = 5_000;

export interface TokenRefreshArgs {
  clock: Clock;
  /** @throws ChatError */
  token: () => Promise<string>;
  connection: () => Connection | undefined;
  /** Called when the server refuses a token. */
  onRefused: (token: string) => void;
  /** Called when the connection can't be used anymore. */
  onUnusable: (why: ChatError) => void;
  /**
   * Called after a successful refresh: entries that weren't delivered while the token was expired can be fetched now.
   */
  onRefreshed: () => void;
}

export class TokenRefresh {
  readonly #args: TokenRefreshArgs;
  #cancelRefresh = () => {};
  #cancelExpiry = () => {};
  #running: Promise<void> | undefined;
  #isFresh = false;

  constructor(args: TokenRefreshArgs) {
    this.#args = args;
  }

  /** @param expiresInMs time until the current token expires */
  schedule(expiresInMs: number): void {
    this.#cancelExpiry();
    this.#cancelExpiry = this.#args.clock.after(expiresInMs, () => void this.expired().catch(() => {}));
    this.#later(Math.max(MIN_INTERVAL_MS, expiresInMs - Math.min(EARLY_MS, expiresInMs / 2)));
  }

  /**
   * Replaces a token that has expired, or else abandons the connection, which receives nothing without a valid token.
   *
   * @throws ChatError
   */
  async expired(): Promise<void> {
    if (this.#isFresh) return;
    const { connection, onUnusable } = this.#args;
    const deaf = connection();
    try {
      await this.#now();
    } catch (error) {
      if (deaf === connection()) onUnusable(error as ChatError);
      throw error;
    }
  }

  /** Refreshes now; concurrent callers share the attempt. @throws ChatError */
  #now(): Promise<void> {
    this.#running ??= this.#refresh().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #refresh(): Promise<void> {
    const { clock, token, connection, onRefused, onUnusable, onRefreshed } = this.#args;
    const refreshed = connection();
    // Without a connection, there is nothing to refresh: the next connection opens with a new token.
    if (refreshed === undefined) return;
    this.#cancelRefresh();
    let newer: string | undefined;
    try {
      newer = await token();
      const ack = (await refreshed.request({ action: "refreshToken", token: newer }, ANSWER_TIMEOUT_MS)) as AckFrame;
      if (refreshed !== connection()) return;
      this.schedule(lifeOf(ack, clock));
      this.#isFresh = true;
      clock.after(MIN_INTERVAL_MS, () => {
        this.#isFresh = false;
      });
      onRefreshed();
    } catch (thrown) {
      const error = thrown as ChatError;
      if (error.code === "NOT_A_MEMBER") onUnusable(error);
      if (error.code === "UNAUTHORIZED" && newer !== undefined) onRefused(newer);
      if (refreshed === connection()) this.#later(RETRY_MS);
      throw error;
    }
  }

  #later(ms: number): void {
    this.#cancelRefresh();
    this.#cancelRefresh = this.#args.clock.after(ms, () => void this.#now().catch(() => {}));
  }
}

/** @returns the token's lifetime in milliseconds; by the client's clock if the server states only the expiry time */
export function lifeOf(frame: { expiresAt?: number; expiresInMs?: number }, clock: Clock): number {
  return Math.max(0, frame.expiresInMs ?? (frame.expiresAt ?? 0) - clock.now());
}
