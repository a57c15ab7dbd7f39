/** A rule of EventBridge: what it invokes, and when. */
import type { Clock } from "../clock.ts";
import type { TargetInput } from "../eventBus/targetInput.ts";

export interface RuleTarget extends TargetInput {
  /** Of a function or a queue. */
  arn: string;
  /** It has been said that it is not invoked, and why. */
  warned: boolean;
}

export class Rule {
  readonly name: string;
  readonly arn: string;
  /** Between two runs; undefined for a rule that runs nothing. */
  periodMs: number | undefined;
  /** The bus whose events it looks at, and those that it is about. */
  readonly bus: string;
  pattern: Record<string, unknown> | undefined;
  /** By id. */
  targets = new Map<string, RuleTarget>();
  #takeBack = () => {};

  constructor(
    name: string,
    arn: string,
    periodMs: number | undefined,
    { bus, pattern }: { bus: string; pattern?: Record<string, unknown> | undefined } = { bus: "default" },
  ) {
    this.bus = bus;
    this.pattern = pattern;
    this.name = name;
    this.arn = arn;
    this.periodMs = periodMs;
  }

  /** Runs one period from now, and at each period after that. */
  start(clock: Clock, run: (scheduledAt: number) => void): void {
    const { periodMs } = this;
    if (periodMs === undefined) return;
    const runAt = (time: number) => {
      this.#takeBack = clock.after(time - clock.now(), () => {
        // A laptop that has slept runs once, and does not make up for all that it missed. Timers may also be early.
        const missed = Math.max(0, Math.floor((clock.now() - time) / periodMs));
        const latest = time + missed * periodMs;
        runAt(latest + periodMs);
        run(latest);
      });
    };
    runAt(clock.now() + periodMs);
  }

  /** It does not run any more. */
  end(): void {
    this.#takeBack();
  }
}
