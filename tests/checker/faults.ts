/** Decides what goes wrong in a run and how often, and records it. */
import type { Dice } from "./chance.ts";
import type { History } from "./history.ts";

/** The probability of each fault at each place where it can happen. Each run multiplies it by a factor of its own. */
const COMMON = {
  /** An AWS call takes seconds to arrive. */
  "slow call": 0.06,
  /** A call takes effect, but its reply is lost: the SDK sends the call again. */
  "reply lost": 0.06,
  /** A call is lost before it takes effect; to the SDK, this looks like a lost reply. */
  "request lost": 0.03,
  /** A call times out at its caller and takes effect later. */
  "late effect": 0.04,
  /** DynamoDB refuses a call, or returns part of a batch unprocessed. */
  throttled: 0.06,
  "server error": 0.02,
  /** The function crashes on the call that it has just made. */
  killed: 0.012,
  /** API Gateway accepts a post and never delivers it. */
  "post dropped": 0.12,
  "post delayed": 0.12,
  "post doubled": 0.08,
  /** 410 for a live connection. */
  "post gone": 0.03,
  /** 429 or 500. */
  "post refused": 0.04,
  "frame delayed": 0.1,
  /** The stage's throttle refuses the frame. */
  "frame refused": 0.03,
  /** `$disconnect` isn't called. */
  "disconnect lost": 0.4,
  /** An accepted asynchronous event isn't run, runs twice, or runs late. */
  "invocation lost": 0.2,
  "invocation doubled": 0.2,
  "invocation delayed": 0.2,
} as const;

export type Fault = keyof typeof COMMON;
const FAULTS = Object.keys(COMMON) as Fault[];

/** Faults that reveal a known bug: they are left out until it is fixed. */
const EXCLUDED: Fault[] = [];

export class Faults {
  readonly #history: History;
  /**
   * By fault, the factor by which its probability in COMMON is multiplied. A fault that isn't in the map never happens.
   */
  readonly #share: Map<Fault, number>;
  /** Names of the faults that may happen, for finding out which ones break a property. Undefined allows all. */
  readonly #only: ReadonlySet<string> | undefined;
  /** Names of the faults that happened. */
  readonly happened: string[] = [];
  #isOver = false;

  constructor(history: History, share: Map<Fault, number>, only: ReadonlySet<string> | undefined) {
    this.#history = history;
    this.#share = share;
    this.#only = only;
  }

  /** Stops all faults from now on. */
  end(): void {
    this.#isOver = true;
  }

  /**
   * Decides whether a fault happens, and records one that does.
   *
   * @param at the event that the fault would affect
   * @param factor by which this place multiplies the fault's probability
   */
  happens(fault: Fault, at: string, dice: Dice, factor = 1): boolean {
    // Always roll the dice, so that later outcomes are the same with and without the fault.
    const falls = dice.happens(COMMON[fault] * (this.#share.get(fault) ?? 0) * factor);
    if (!falls || this.#isOver) return false;
    const name = `${fault}: ${at}`;
    if (this.#only?.has(name) === false) return false;
    this.happened.push(name);
    this.#history.add({ kind: "fault", fault, where: at });
    return true;
  }
}

/** Draws a run's factors by fault. Some runs have no faults: what breaks there is likely a bug in the checker. */
export function sharesOf(dice: Dice): Map<Fault, number> {
  const allowed = FAULTS.filter((fault) => !EXCLUDED.includes(fault));
  const weather = dice.next();
  if (weather < 0.08) return new Map();
  if (weather < 0.35) return new Map(allowed.map((fault) => [fault, 0.3]));
  if (weather < 0.55) return new Map(allowed.map((fault) => [fault, 1]));
  // Two to four kinds at a high rate make a rare combination of two likely. Most bugs need slow calls, such as those of
  // a writer so slow that readers give up on its position.
  const few = dice.shuffled(allowed).slice(0, dice.integer(2, 4));
  if (dice.happens(0.5) && allowed.includes("slow call")) few.push("slow call");
  return new Map(few.map((fault) => [fault, dice.between(1, 4)]));
}
