/**
 * Invokes a function with the records of a table's stream, in order: a failed batch is retried before the next one.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
import type { Clock } from "../clock.ts";
import { matches } from "../eventBus/pattern.ts";
import { reportFailure } from "../functions/failure.ts";
import type { LambdaFunction } from "../functions/function.ts";
import type { Reporter } from "../report.ts";
import type { StreamRecord } from "../store/streams.ts";
import { type EventSource, itemFailuresOf } from "./eventSource.ts";

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

/** A batch that failed for good. */
export interface GivenUpBatch {
  source: EventSource;
  condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
  records: StreamRecord[];
  runs: number;
}

interface Deps {
  clock: Clock;
  report: Reporter;
  region: string;
  functionOf(name: string): LambdaFunction | undefined;
  onGivenUp(batch: GivenUpBatch): void;
}

export class StreamPoller {
  source: EventSource;
  readonly #deps: Deps;
  readonly #records: { record: StreamRecord; at: number }[] = [];
  #busy = false;
  #cancel = () => {};
  #gathering = false;
  #ended = false;

  constructor(source: EventSource, deps: Deps) {
    this.source = source;
    this.#deps = deps;
  }

  end(): void {
    this.#ended = true;
    this.#cancel();
  }

  /** Adds a record, unless the filters reject it. */
  take(record: StreamRecord): void {
    const { filters, windowMs, batchSize } = this.source;
    if (filters.length > 0 && !filters.some((filter) => matches(filter, record))) return;
    this.#records.push({ record, at: this.#deps.clock.now() });
    if (this.#busy || (this.#gathering && this.#records.length < batchSize)) return;
    if (this.#gathering) this.#cancel();
    if (windowMs > 0 && this.#records.length < batchSize) {
      this.#gathering = true;
      this.#cancel = this.#deps.clock.after(windowMs, () => void this.#drain());
    } else void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#gathering = false;
    if (this.#busy) return;
    this.#busy = true;
    // Waits for records that were written at the same time, because they arrive one by one.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#records.length > 0 && !this.#ended) {
      await this.#runUntilDone(this.#records.splice(0, this.source.batchSize));
    }
    this.#busy = false;
  }

  async #runUntilDone(batch: { record: StreamRecord; at: number }[]): Promise<void> {
    const { clock } = this.#deps;
    let left = batch;
    let runs = 0;
    while (left.length > 0 && !this.#ended) {
      const outcome = await this.#run(left.map(({ record }) => record));
      if (outcome === "throttled") {
        await this.#pause(FIRST_PAUSE_MS);
        continue;
      }
      runs += 1;
      if (outcome >= left.length) return;
      left = left.slice(outcome);
      const { maximumRetryAttempts, maximumRecordAgeSeconds, bisects } = this.source;
      if (bisects && left.length > 1 && outcome === 0) {
        const half = Math.ceil(left.length / 2);
        await this.#runUntilDone(left.slice(0, half));
        await this.#runUntilDone(left.slice(half));
        return;
      }
      if (maximumRetryAttempts >= 0 && runs > maximumRetryAttempts) {
        return this.#giveUp("RetryAttemptsExhausted", left, runs);
      }
      await this.#pause(Math.min(FIRST_PAUSE_MS * 2 ** (runs - 1), MAX_PAUSE_MS));
      const isTooOld = ({ at }: { at: number }) =>
        maximumRecordAgeSeconds >= 0 && clock.now() - at > maximumRecordAgeSeconds * 1000;
      const old = left.filter(isTooOld);
      if (old.length > 0) this.#giveUp("RecordAgeExceeded", old, runs);
      left = left.filter((one) => !isTooOld(one));
    }
  }

  #giveUp(condition: GivenUpBatch["condition"], batch: { record: StreamRecord }[], runs: number): void {
    this.#deps.onGivenUp({ source: this.source, condition, records: batch.map(({ record }) => record), runs });
  }

  /** Runs a batch. Returns how many of its leading records are done, or `throttled` if the function didn't run. */
  async #run(records: StreamRecord[]): Promise<number | "throttled"> {
    const { region, report, functionOf } = this.#deps;
    const target = functionOf(this.source.functionName);
    if (target === undefined) return records.length;
    const Records = records.map((record) => ({
      ...record,
      awsRegion: region,
      eventSourceARN: this.source.sourceArn,
    }));
    const invoked = await target.invoke(JSON.stringify({ Records }));
    if (this.#ended) return records.length;
    if (invoked.throttled) return "throttled";
    if (invoked.failed) {
      reportFailure(report, target.settings.name, invoked);
      return 0;
    }
    const failures = itemFailuresOf(this.source, invoked.payload);
    if (failures === undefined) return 0;
    if (failures.length === 0) return records.length;
    const first = records.findIndex(({ dynamodb }) => failures.includes(dynamodb.SequenceNumber));
    return Math.max(first, 0);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#cancel = this.#deps.clock.after(ms, resolve);
    });
  }
}
