/** The event source mappings being served. */
import { isDeepStrictEqual } from "node:util";
import type { Access } from "../access.ts";
import type { Clock } from "../clock.ts";
import type { LambdaFunction } from "../functions/function.ts";
import type { Queue } from "../queues/queue.ts";
import type { Reporter } from "../report.ts";
import type { StreamRecord } from "../store/streams.ts";
import type { EventSource } from "./eventSource.ts";
import { QueuePoller } from "./queuePoller.ts";
import { type GivenUpBatch, StreamPoller } from "./streamPoller.ts";

interface Place {
  readonly access: Access;
  readonly clock: Clock;
  readonly report: Reporter;
  readonly region: string;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly queues: ReadonlyMap<string, Queue>;
}

/** The permissions that the function's role needs, because Lambda reads the source with that role. */
const READING = {
  sqs: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
  stream: ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"],
};

export class EventSources {
  readonly #place: Place;
  readonly #pollers = new Map<string, QueuePoller | StreamPoller>();

  constructor(place: Place) {
    this.#place = place;
  }

  /** Replaces the sources to read. Unchanged mappings keep their progress. */
  serve(sources: ReadonlyMap<string, EventSource>): void {
    for (const [id, poller] of this.#pollers) {
      const next = sources.get(id);
      if (next !== undefined && isDeepStrictEqual(next, poller.source)) continue;
      poller.end();
      this.#pollers.delete(id);
    }
    for (const [id, source] of sources) {
      if (this.#pollers.has(id) || !source.enabled || !this.#mayRead(source)) continue;
      const poller = this.#pollerOf(source);
      if (poller !== undefined) this.#pollers.set(id, poller);
    }
  }

  /** Passes a record of a table's stream to the functions that read the stream. */
  take(tableName: string, record: StreamRecord): void {
    for (const poller of this.#pollers.values()) {
      if (poller instanceof StreamPoller && poller.source.sourceArn.includes(`:table/${tableName}/stream/`)) {
        poller.take(record);
      }
    }
  }

  end(): void {
    for (const poller of this.#pollers.values()) poller.end();
  }

  #pollerOf(source: EventSource): QueuePoller | StreamPoller | undefined {
    const { functions, queues, report, region, clock } = this.#place;
    const deps = { clock, report, region, functionOf: (name: string) => functions.get(name) };
    if (source.sourceArn.includes(":dynamodb:")) {
      return new StreamPoller(source, { ...deps, onGivenUp: (batch) => this.#giveUp(batch) });
    }
    const queue = queues.get(source.sourceArn);
    if (queue !== undefined) return new QueuePoller(source, { ...deps, queue });
    const message = `${source.functionName} would be invoked by ${source.sourceArn}, which is not part of this program`;
    report({ event: "warning", message });
    return undefined;
  }

  /** Whether the function's role may read the source. Reports a refusal with the missing statement. */
  #mayRead({ functionName, sourceArn }: EventSource): boolean {
    const { functions, queues, access } = this.#place;
    const caller = functions.get(functionName)?.caller;
    if (caller === undefined) return false;
    const actions = sourceArn.includes(":sqs:") ? READING.sqs : sourceArn.includes(":dynamodb:") ? READING.stream : [];
    const policies = queues.get(sourceArn)?.settings.policies ?? [];
    return actions.every((action) => access.refusal(caller, action, sourceArn, {}, policies) === undefined);
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
  #giveUp({ source, condition, records, runs }: GivenUpBatch): void {
    const { report, queues, functions, access, clock, region } = this.#place;
    const { functionName, onFailure } = source;
    const caller = functions.get(functionName)?.caller;
    const queue = onFailure === undefined ? undefined : queues.get(onFailure);
    if (queue === undefined || caller === undefined) {
      const message = `${functionName} gave up on ${records.length} records (${condition}) and has no queue for them: they are skipped`;
      report({ event: "warning", message });
      return;
    }
    const { arn, policies } = queue.settings;
    if (access.refusal(caller, "sqs:SendMessage", arn, {}, policies) !== undefined) return;
    const [first, last] = [records[0], records.at(-1)];
    const timeOf = (record?: StreamRecord) =>
      new Date((record?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000).toISOString();
    queue.send(
      JSON.stringify({
        requestContext: {
          functionArn: functions.get(functionName)?.settings.arn,
          condition,
          approximateInvokeCount: runs,
        },
        version: "1.0",
        timestamp: new Date(clock.now()).toISOString(),
        DDBStreamBatchInfo: {
          shardId: `shardId-${region}`,
          startSequenceNumber: first?.dynamodb.SequenceNumber,
          endSequenceNumber: last?.dynamodb.SequenceNumber,
          approximateArrivalOfFirstRecord: timeOf(first),
          approximateArrivalOfLastRecord: timeOf(last),
          batchSize: records.length,
          streamArn: source.sourceArn,
        },
      }),
    );
  }
}
