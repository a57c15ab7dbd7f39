import type { User } from "../../protocol/entries.ts";
import type { Clock } from "../clock.ts";

/** A person whose typing frame isn't repeated within this time has stopped typing, even if no frame says so. */
const TYPING_MS = 10_000;

/** The people who are typing in a room. */
export class Typists {
  readonly #clock: Clock;
  readonly #onChange: (change: { user: User; typing: boolean }) => void;
  /** Functions that cancel the timer of a person's expiry, by user id. */
  readonly #cancels = new Map<string, () => void>();

  constructor(clock: Clock, onChange: (change: { user: User; typing: boolean }) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  begin(user: User): void {
    this.#cancels.get(user.id)?.();
    this.#cancels.set(
      user.id,
      this.#clock.after(TYPING_MS, () => this.end(user)),
    );
    this.#onChange({ user, typing: true });
  }

  end(user: User): void {
    this.#cancels.get(user.id)?.();
    if (this.#cancels.delete(user.id)) this.#onChange({ user, typing: false });
  }
}
