/**
 * Asynchronous invocation: runs accepted events, and retries them.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 *
 *   accepted ─ run ─✗─ 1 min ─ run ─✗─ 2 min ─ run ─✗─ given up
 *               └ throttled ─ 1 s, 2 s, 4 s … 5 min ─ the same run again
 *
 * An event whose next run would come after its maximum age is given up at once.
 */
import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Reporter } from "../report.ts";
import type { FailedEvent } from "./failedEvent.ts";
import { reportFailure } from "./failure.ts";
import type { LambdaFunction } from "./function.ts";
import type { Invoked } from "./invoked.ts";

interface AcceptedEvent {
  target: LambdaFunction;
  requestId: string;
  payload: string;
  acceptedAt: number;
  /** Number of runs; throttled attempts don't count. */
  runs: number;
  throttles: number;
}

const MINUTE_MS = 60_000;
const FIRST_THROTTLE_PAUSE_MS = 1_000;
const MAX_THROTTLE_PAUSE_MS = 5 * MINUTE_MS;

export class AsynchronousInvocations {
  readonly #clock: Clock;
  readonly #report: Reporter;
  readonly #onFailed: (event: FailedEvent) => void;
  /** Events that wait for their next run, each with the function that cancels its timer. */
  readonly #pausing = new Map<AcceptedEvent, () => void>();
  #ended = false;

  constructor(clock: Clock, report: Reporter, onFailed: (event: FailedEvent) => void) {
    this.#clock = clock;
    this.#report = report;
    this.#onFailed = onFailed;
  }

  /** Accepts an event, which runs later. Returns the request id, which all of its runs share. */
  accept(target: LambdaFunction, payload: string): string {
    const requestId = randomUUID();
    void this.#run({ target, requestId, payload, acceptedAt: this.#clock.now(), runs: 0, throttles: 0 });
    return requestId;
  }

  /** Drops the events that are still waiting, with a warning, because AWS would retry them. */
  end(): void {
    this.#ended = true;
    for (const cancel of this.#pausing.values()) cancel();
    if (this.#pausing.size === 0) return;
    const names = [...new Set([...this.#pausing.keys()].map(({ target }) => target.settings.name))].join(", ");
    this.#report({
      event: "warning",
      message: `${this.#pausing.size} asynchronous events were still waiting for a retry (${names}): they are lost when the local cloud ends`,
    });
  }

  async #run(event: AcceptedEvent): Promise<void> {
    const { target } = event;
    const invoked = await target.invoke(event.payload, event.requestId);
    // Stopping an environment also fails its event, but that isn't the function's failure.
    if (!invoked.failed || this.#ended) return;
    if (invoked.throttled) {
      if (target.reservedConcurrency === 0) {
        this.#fail(event, "ZeroReservedConcurrency");
        return;
      }
      event.throttles += 1;
      const pauseMs = FIRST_THROTTLE_PAUSE_MS * 2 ** (event.throttles - 1);
      this.#retry(event, invoked, Math.min(pauseMs, MAX_THROTTLE_PAUSE_MS));
      return;
    }
    event.runs += 1;
    reportFailure(this.#report, target.settings.name, invoked);
    if (event.runs > target.eventInvokeConfig.maximumRetryAttempts) {
      this.#fail(event, "RetriesExhausted", invoked);
    } else {
      this.#retry(event, invoked, event.runs * MINUTE_MS);
    }
  }

  #retry(event: AcceptedEvent, invoked: Invoked, pauseMs: number): void {
    const { target, acceptedAt } = event;
    const ageThen = this.#clock.now() + pauseMs - acceptedAt;
    if (ageThen >= target.eventInvokeConfig.maximumEventAgeSeconds * 1000) {
      this.#fail(event, "EventAgeExceeded", invoked);
      return;
    }
    const cancel = this.#clock.after(pauseMs, () => {
      this.#pausing.delete(event);
      void this.#run(event);
    });
    this.#pausing.set(event, cancel);
    // Reported once per event, because an event may be throttled for hours.
    if (invoked.throttled && event.throttles === 1) this.#reportThrottled(target);
  }

  #fail(
    { target, requestId, payload, runs }: AcceptedEvent,
    condition: FailedEvent["condition"],
    lastAttempt?: Invoked,
  ): void {
    this.#onFailed({
      target,
      requestId,
      payload,
      condition,
      runs,
      failedAt: this.#clock.now(),
      ...(lastAttempt === undefined ? {} : { lastAttempt }),
    });
  }

  #reportThrottled(target: LambdaFunction): void {
    this.#report({
      event: "waiting",
      function: target.settings.name,
      invocations: [...this.#pausing.keys()].filter((event) => event.target === target && event.throttles > 0).length,
      why: `its reserved concurrency is ${target.reservedConcurrency}; asynchronous events are retried later`,
    });
  }
}
