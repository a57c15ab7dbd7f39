/** An EventBridge rule, with its schedule or pattern and its targets. */
import type { Clock } from "../clock.ts";
import type { TargetInput } from "../eventBus/targetInput.ts";
import type { Schedule } from "./scheduleExpression.ts";

export interface RuleTarget extends TargetInput {
  /** ARN of a function or a queue. */
  arn: string;
  /** Whether a warning has already said why the target can't be invoked. */
  warned: boolean;
}

export class Rule {
  readonly name: string;
  readonly arn: string;
  /** Undefined for a disabled rule, and for a rule without a schedule. */
  schedule: Schedule | undefined;
  /** Name of the rule's event bus. */
  readonly bus: string;
  pattern: Record<string, unknown> | undefined;
  /** Targets by id. */
  targets = new Map<string, RuleTarget>();
  #takeBack = () => {};

  constructor(
    name: string,
    arn: string,
    schedule: Schedule | undefined,
    { bus, pattern }: { bus: string; pattern?: Record<string, unknown> | undefined } = { bus: "default" },
  ) {
    this.bus = bus;
    this.pattern = pattern;
    this.name = name;
    this.arn = arn;
    this.schedule = schedule;
  }

  /** Starts the schedule: calls `run` at each scheduled time. */
  start(clock: Clock, run: (scheduledAt: number) => void): void {
    const { schedule } = this;
    if (schedule === undefined) return;
    const runAt = (time: number | undefined) => {
      if (time === undefined) return;
      this.#takeBack = clock.after(time - clock.now(), () => {
        // After a laptop has slept, the rule runs once instead of making up for every missed run. The next time follows
        // the scheduled one, not the clock, because timers may also fire early.
        let latest = time;
        let next = schedule.next(latest);
        while (next !== undefined && next <= clock.now()) {
          latest = next;
          next = schedule.next(latest);
        }
        runAt(next);
        run(latest);
      });
    };
    runAt(schedule.next(clock.now()));
  }

  /** Stops its schedule. */
  end(): void {
    this.#takeBack();
  }
}
