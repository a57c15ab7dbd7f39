/**
 * Pings from time to time: to keep the connection from timing out when idle, to notice when it is dead, and to compare
 * the ends of the rooms' logs with what has arrived, so that a lost push is noticed.
 */
import type { PongFrame } from "../../protocol/responses.ts";
import type { Clock } from "../clock.ts";
import type { ChatError } from "../errors.ts";
import type { Connection } from "./connection.ts";

/** A connection that takes longer than this to answer a ping is dead. */
const PONG_TIMEOUT_MS = 5_000;

/** Interval at which the timer checks whether it was late. */
const LOOK_MS = 10_000;

/** If a timer is off by more than this, the machine or the tab was suspended, or the clock was changed. */
const MAX_DRIFT_MS = 20_000;

/** Maximum number of rooms that one ping may name. */
const MAX_ROOMS = 25;

export interface HeartbeatArgs {
  clock: Clock;
  /** Pause between pings, in milliseconds. */
  everyMs: number;
  connection: () => Connection | undefined;
  /** Names of the rooms to ask about. */
  rooms: () => string[];
  /** @param heads last positions of the logs of the connection's rooms */
  onHeads: (asked: string[], heads: Map<string, number>) => void;
  /** Called when the connection doesn't answer. */
  onDead: (why: ChatError) => void;
  /** Called when the server refuses the ping because the token has expired. */
  onExpired: () => void;
}

export class Heartbeat {
  readonly #args: HeartbeatArgs;
  #cancelTimer = () => {};
  #lookedAt = 0;
  #beatAt = 0;
  #inFlight = 0;

  constructor(args: HeartbeatArgs) {
    this.#args = args;
  }

  start(): void {
    this.#cancelTimer();
    this.#lookedAt = this.#beatAt = this.#args.clock.now();
    this.#lookLater();
  }

  /** Pings now, unless a ping is in flight. */
  probe(): void {
    if (this.#inFlight === 0) void this.beat();
  }

  /** Pings now. */
  async beat(): Promise<void> {
    const { clock, connection, rooms, onHeads, onDead, onExpired } = this.#args;
    this.#beatAt = clock.now();
    const asked = connection();
    if (asked === undefined) return;
    this.#inFlight++;
    const names = rooms();
    try {
      do {
        const some = names.splice(0, MAX_ROOMS);
        const { heads = {} } = (await asked.request({ action: "ping", rooms: some }, PONG_TIMEOUT_MS)) as PongFrame;
        onHeads(some, new Map(Object.entries(heads)));
      } while (names.length > 0);
    } catch (error) {
      const { code } = error as ChatError;
      // Errors other than TIMEOUT and TOKEN_EXPIRED need no reaction: they are answers, so the connection works.
      if (asked !== connection()) return;
      if (code === "TIMEOUT") onDead(error as ChatError);
      if (code === "TOKEN_EXPIRED") onExpired();
    } finally {
      this.#inFlight--;
    }
  }

  #lookLater(): void {
    const { clock, everyMs } = this.#args;
    const lookMs = Math.min(LOOK_MS, everyMs);
    this.#cancelTimer = clock.after(lookMs, () => {
      const now = clock.now();
      const hasDrifted = Math.abs(now - this.#lookedAt - lookMs) > MAX_DRIFT_MS;
      this.#lookedAt = now;
      if (hasDrifted || now - this.#beatAt >= everyMs) void this.beat();
      this.#lookLater();
    });
  }
}
