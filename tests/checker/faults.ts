/** What can go wrong, how often in a run, and what did. */
import type { Dice } from "./chance.ts";
import type { History } from "./history.ts";

/** Each with how often it comes where it may, when its kind is common in a run. */
const COMMON = {
  /** A call of AWS takes seconds to arrive. */
  "slow call": 0.06,
  /** A call takes effect and its reply is lost: the SDK sends it again. */
  "reply lost": 0.06,
  /** A call is lost before it takes effect: the same to the SDK. */
  "request lost": 0.03,
  /** A call times out at the caller and takes effect later. */
  "late effect": 0.04,
  /** DynamoDB refuses a call, or hands a part of a batch back. */
  throttled: 0.06,
  "server error": 0.02,
  /** The function ends with the call that it has just made. */
  killed: 0.012,
  /** API Gateway takes a post and never brings it. */
  "post dropped": 0.12,
  "post delayed": 0.12,
  "post doubled": 0.08,
  /** 410 for a connection that lives. */
  "post gone": 0.03,
  /** 429 or 500. */
  "post refused": 0.04,
  "frame delayed": 0.1,
  /** The stage's throttle is reached. */
  "frame refused": 0.03,
  /** `$disconnect` is not called. */
  "disconnect lost": 0.4,
  /** An accepted asynchronous event is not run, or runs twice, or late. */
  "invocation lost": 0.2,
  "invocation doubled": 0.2,
  "invocation delayed": 0.2,
} as const;

export type Fault = keyof typeof COMMON;
const FAULTS = Object.keys(COMMON) as Fault[];

/** Kinds that show a known fault of the code: they are left out until it is fixed. */
const EXCLUDED: Fault[] = [];

export class Faults {
  readonly #history: History;
  /** How many times as common as in COMMON. */
  readonly #share: Map<Fault, number>;
  /** Names of those that may happen, to find out which are needed; all without it. */
  readonly #only: ReadonlySet<string> | undefined;
  /** Names of those that came. */
  readonly happened: string[] = [];
  #isOver = false;

  constructor(history: History, share: Map<Fault, number>, only: ReadonlySet<string> | undefined) {
    this.#history = history;
    this.#share = share;
    this.#only = only;
  }

  /** From now on nothing goes wrong any more. */
  end(): void {
    this.#isOver = true;
  }

  /** @param at what it would happen to @param factor of this place, on how often it comes */
  happens(fault: Fault, at: string, dice: Dice, factor = 1): boolean {
    // Always thrown, so that what comes after falls the same with and without the fault.
    const falls = dice.happens(COMMON[fault] * (this.#share.get(fault) ?? 0) * factor);
    if (!falls || this.#isOver) return false;
    const name = `${fault}: ${at}`;
    if (this.#only?.has(name) === false) return false;
    this.happened.push(name);
    this.#history.add({ kind: "fault", fault, where: at });
    return true;
  }
}

/** How a run is: a quiet one tells a mistake of the checker from one of the chat. */
export function sharesOf(dice: Dice): Map<Fault, number> {
  const allowed = FAULTS.filter((fault) => !EXCLUDED.includes(fault));
  const weather = dice.next();
  if (weather < 0.08) return new Map();
  if (weather < 0.35) return new Map(allowed.map((fault) => [fault, 0.3]));
  if (weather < 0.55) return new Map(allowed.map((fault) => [fault, 1]));
  // Two to four kinds, often: what it takes for a rare combination of two.
  // Time is what most of them need: a writer so slow that readers give its position up.
  const few = dice.shuffled(allowed).slice(0, dice.integer(2, 4));
  if (dice.happens(0.5) && allowed.includes("slow call")) few.push("slow call");
  return new Map(few.map((fault) => [fault, dice.between(1, 4)]));
}
