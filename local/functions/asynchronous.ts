/**
 * Asynchronous invocation: the events that Lambda has accepted and answers for.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 *
 *   accepted ─ run ─✗─ 1 min ─ run ─✗─ 2 min ─ run ─✗─ given up
 *               └ throttled ─ 1 s, 2 s, 4 s … 5 min ─ the same run again
 *
 * An event whose next run would come after its greatest age is given up at once.
 */
import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Reporter } from "../report.ts";
import type { AbandonedEvent } from "./abandonedEvent.ts";
import type { Invoked, LambdaFunction } from "./function.ts";

interface AcceptedEvent {
  target: LambdaFunction;
  requestId: string;
  payload: string;
  acceptedAt: number;
  /** How often the function ran; throttled attempts do not count. */
  runs: number;
  throttles: number;
}

const MINUTE_MS = 60_000;
const FIRST_THROTTLE_PAUSE_MS = 1_000;
const LONGEST_THROTTLE_PAUSE_MS = 5 * MINUTE_MS;

export class AsynchronousInvocations {
  readonly #clock: Clock;
  readonly #report: Reporter;
  readonly #giveUp: (event: AbandonedEvent) => void;
  /** Events that wait for their next run, with what takes their timer back. */
  readonly #pausing = new Map<AcceptedEvent, () => void>();
  #ended = false;

  constructor(clock: Clock, report: Reporter, giveUp: (event: AbandonedEvent) => void) {
    this.#clock = clock;
    this.#report = report;
    this.#giveUp = giveUp;
  }

  /** Takes an event on; it runs later. Returns the request id that all its runs have. */
  accept(target: LambdaFunction, payload: string): string {
    const requestId = randomUUID();
    void this.#run({ target, requestId, payload, acceptedAt: this.#clock.now(), runs: 0, throttles: 0 });
    return requestId;
  }

  /** Forgets what still waits. On AWS it would be there tomorrow: that it is not is said. */
  end(): void {
    this.#ended = true;
    for (const takeBack of this.#pausing.values()) takeBack();
    if (this.#pausing.size === 0) return;
    const names = [...new Set([...this.#pausing.keys()].map(({ target }) => target.settings.name))].join(", ");
    this.#report({
      event: "warning",
      message: `${this.#pausing.size} asynchronous events still waited to be tried again (${names}): they end with the local cloud`,
    });
  }

  async #run(event: AcceptedEvent): Promise<void> {
    const { target } = event;
    const invoked = await target.invoke(event.payload, event.requestId);
    // An environment that is stopped fails; that is nobody's failure.
    if (!invoked.failed || this.#ended) return;
    if (invoked.throttled) {
      if (target.reservedConcurrency === 0) {
        this.#abandon(event, "ZeroReservedConcurrency");
        return;
      }
      event.throttles += 1;
      const pauseMs = FIRST_THROTTLE_PAUSE_MS * 2 ** (event.throttles - 1);
      this.#tryAgain(event, invoked, Math.min(pauseMs, LONGEST_THROTTLE_PAUSE_MS));
      return;
    }
    event.runs += 1;
    const { errorType, errorMessage } = JSON.parse(invoked.payload) as { errorType: string; errorMessage: string };
    this.#report({ event: "failure", function: target.settings.name, errorType, errorMessage });
    if (event.runs > target.eventInvokeConfig.maximumRetryAttempts) {
      this.#abandon(event, "RetriesExhausted", invoked);
    } else {
      this.#tryAgain(event, invoked, event.runs * MINUTE_MS);
    }
  }

  #tryAgain(event: AcceptedEvent, invoked: Invoked, pauseMs: number): void {
    const { target, acceptedAt } = event;
    const ageThen = this.#clock.now() + pauseMs - acceptedAt;
    if (ageThen >= target.eventInvokeConfig.maximumEventAgeSeconds * 1000) {
      this.#abandon(event, "EventAgeExceeded", invoked);
      return;
    }
    const takeBack = this.#clock.after(pauseMs, () => {
      this.#pausing.delete(event);
      void this.#run(event);
    });
    this.#pausing.set(event, takeBack);
    // Once for each event: it may be throttled for hours.
    if (invoked.throttled && event.throttles === 1) this.#sayThrottled(target);
  }

  #abandon(
    { target, requestId, payload, runs }: AcceptedEvent,
    condition: AbandonedEvent["condition"],
    lastAttempt?: Invoked,
  ): void {
    this.#giveUp({
      target,
      requestId,
      payload,
      condition,
      runs,
      abandonedAt: this.#clock.now(),
      ...(lastAttempt === undefined ? {} : { lastAttempt }),
    });
  }

  #sayThrottled(target: LambdaFunction): void {
    this.#report({
      event: "waiting",
      function: target.settings.name,
      invocations: [...this.#pausing.keys()].filter((event) => event.target === target && event.throttles > 0).length,
      why: `its reserved concurrency is ${target.reservedConcurrency}; asynchronous events are tried again later`,
    });
  }
}
