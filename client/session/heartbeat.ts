/**
 * Asks now and then whether the connection still lives, which keeps it from idling out, and where the rooms' logs end,
 * by which a push that was lost is missed.
 */
import type { PongFrame } from "../../protocol/responses.ts";
import type { Clock } from "../clock.ts";
import type { ChatError } from "../errors.ts";
import type { Connection } from "./connection.ts";

/** An answer that takes longer than this comes from a dead connection. */
const PONG_TIMEOUT_MS = 10_000;

/** How often it is looked whether the machine, or the tab, has slept. */
const LOOK_MS = 10_000;

/** A timer that comes so late has slept. */
const SLEPT_MS = 20_000;

/** Rooms of one ping. */
const ROOMS = 25;

export interface HeartbeatArgs {
  clock: Clock;
  /** Pause between pings. */
  everyMs: number;
  connection: () => Connection | undefined;
  /** Names of the rooms to ask about. */
  rooms: () => string[];
  onHeads: (asked: string[], heads: Record<string, number>) => void;
  /** The connection does not answer. */
  onDead: (why: ChatError) => void;
}

export class Heartbeat {
  readonly #args: HeartbeatArgs;
  #stopTimer = () => {};
  #lookedAt = 0;
  #beatAt = 0;

  constructor(args: HeartbeatArgs) {
    this.#args = args;
  }

  start(): void {
    this.#stopTimer();
    this.#lookedAt = this.#beatAt = this.#args.clock.now();
    this.#lookLater();
  }

  /** Asks now. */
  async beat(): Promise<void> {
    const { clock, connection, rooms, onHeads, onDead } = this.#args;
    this.#beatAt = clock.now();
    const asked = connection();
    if (asked === undefined) return;
    const names = rooms();
    try {
      do {
        const some = names.splice(0, ROOMS);
        const { heads = {} } = (await asked.request({ action: "ping", rooms: some }, PONG_TIMEOUT_MS)) as PongFrame;
        onHeads(some, heads);
      } while (names.length > 0);
    } catch (error) {
      // Any other error is an answer, too.
      if ((error as ChatError).code === "TIMEOUT" && asked === connection()) onDead(error as ChatError);
    }
  }

  #lookLater(): void {
    const { clock, everyMs } = this.#args;
    this.#stopTimer = clock.after(Math.min(LOOK_MS, everyMs), () => {
      const now = clock.now();
      const slept = now - this.#lookedAt > LOOK_MS + SLEPT_MS;
      this.#lookedAt = now;
      if (slept || now - this.#beatAt >= everyMs) void this.beat();
      this.#lookLater();
    });
  }
}
