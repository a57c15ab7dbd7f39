import type { Clock } from "../../client/clock.ts";
import type { Dice } from "./chance.ts";
import type { VirtualClock } from "./virtualClock.ts";

/** A client's view of time: nothing happens while the client's machine sleeps, or after the client has died. */
export class ActorClock implements Clock {
  readonly #clock: VirtualClock;
  readonly #dice: Dice;
  readonly #aheadMs: number;
  readonly #overdue: (() => void)[] = [];
  #isAsleep = false;
  #stopAlarm = () => {};
  #isDead = false;

  /** @param aheadMs error of the client's wall clock; negative if the clock is behind */
  constructor(clock: VirtualClock, dice: Dice, aheadMs: number) {
    this.#clock = clock;
    this.#aheadMs = aheadMs;
    this.#dice = dice;
  }

  now(): number {
    return this.#clock.now() + this.#aheadMs;
  }

  random(): number {
    return this.#dice.next();
  }

  after(ms: number, callback: () => void): () => void {
    let isTakenBack = false;
    const due = () => {
      if (this.#isDead || isTakenBack) return;
      if (this.#isAsleep) this.#overdue.push(due);
      else callback();
    };
    const takeBack = this.#clock.after(ms, due);
    return () => {
      isTakenBack = true;
      takeBack();
    };
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  /** Sleeps for this long; a later call replaces an earlier one. */
  sleep(ms: number): void {
    this.#isAsleep = true;
    this.#stopAlarm();
    this.#stopAlarm = this.#clock.after(ms, () => {
      this.#isAsleep = false;
      // Overdue timers run one after another, each to completion, as on a machine that wakes up.
      for (const due of this.#overdue.splice(0)) this.#clock.after(0, due);
    });
  }

  /** Ends the process or page abruptly. */
  die(): void {
    this.#isDead = true;
  }

  get isDead(): boolean {
    return this.#isDead;
  }
}
