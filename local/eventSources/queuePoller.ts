/**
 * Invokes a function with a queue's messages. Messages of a failed batch stay hidden for the visibility timeout and are
 * then received again. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import { matches } from "../eventBus/pattern.ts";
import { reportFailure } from "../functions/failure.ts";
import type { LambdaFunction } from "../functions/function.ts";
import type { Message, MessageAttribute, Queue } from "../queues/queue.ts";
import type { Reporter } from "../report.ts";
import { type EventSource, itemFailuresOf } from "./eventSource.ts";

/** Maximum number of concurrent batches: Lambda starts with five. */
const MAX_CONCURRENT_BATCHES = 5;

interface Deps {
  clock: Clock;
  report: Reporter;
  region: string;
  queue: Queue;
  functionOf(name: string): LambdaFunction | undefined;
}

export class QueuePoller {
  source: EventSource;
  readonly #deps: Deps;
  readonly #unsubscribe: () => void;
  #running = 0;
  #cancel = () => {};
  #gatheringUntil: number | undefined;
  #ended = false;

  constructor(source: EventSource, deps: Deps) {
    this.source = source;
    this.#deps = deps;
    this.#unsubscribe = deps.queue.onSent(() => this.look());
    this.look();
  }

  end(): void {
    this.#ended = true;
    this.#unsubscribe();
    this.#cancel();
  }

  /** Takes the visible messages, and looks again when the next one becomes visible. */
  look(): void {
    this.#cancel();
    if (this.#ended) return;
    const { queue, clock } = this.#deps;
    const { batchSize } = this.source;
    while (this.#running < MAX_CONCURRENT_BATCHES && !this.#gathers()) {
      const messages = queue.receive(batchSize);
      if (messages.length === 0) break;
      this.#gatheringUntil = undefined;
      void this.#run(messages);
    }
    if (this.#running === MAX_CONCURRENT_BATCHES) return;
    const next = this.#gatheringUntil ?? queue.nextVisibleAt();
    if (next !== undefined) this.#cancel = clock.after(Math.max(0, next - clock.now()), () => this.look());
  }

  /** Whether to wait for more messages before taking the available ones. */
  #gathers(): boolean {
    const { windowMs, batchSize } = this.source;
    const { clock, queue } = this.#deps;
    const { visible } = queue.count();
    if (windowMs === 0 || visible === 0 || visible >= batchSize) return false;
    this.#gatheringUntil ??= clock.now() + windowMs;
    return clock.now() < this.#gatheringUntil;
  }

  async #run(messages: Message[]): Promise<void> {
    const { queue, report, functionOf } = this.#deps;
    this.#running += 1;
    const remove = (those: Message[]) => {
      for (const { receiptHandle } of those) queue.delete(receiptHandle as string);
    };
    const wanted = messages.filter((message) => this.#isWanted(message));
    remove(messages.filter((message) => !wanted.includes(message)));
    const target = functionOf(this.source.functionName);
    if (target !== undefined && wanted.length > 0) {
      const event = JSON.stringify({ Records: wanted.map((message) => this.#record(message)) });
      const invoked = await target.invoke(event);
      if (this.#ended) return;
      if (invoked.failed && !invoked.throttled) reportFailure(report, target.settings.name, invoked);
      const failures = invoked.failed ? undefined : itemFailuresOf(this.source, invoked.payload);
      if (failures !== undefined) remove(wanted.filter(({ id }) => !failures.includes(id)));
    }
    this.#running -= 1;
    this.look();
  }

  /** Whether a message passes the filters. A JSON body is filtered by its contents. */
  #isWanted({ body }: Message): boolean {
    const { filters } = this.source;
    if (filters.length === 0) return true;
    let parsed: unknown = body;
    try {
      parsed = JSON.parse(body);
    } catch {
      // A body that isn't JSON stays text.
    }
    return filters.some((filter) => matches(filter, { body: parsed }));
  }

  #record({ id, receiptHandle, body, attributes, sentAt, receiveCount }: Message) {
    const { queue, region, clock } = this.#deps;
    return {
      messageId: id,
      receiptHandle,
      body,
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        SentTimestamp: String(sentAt),
        SenderId: "AIDALOCAL",
        ApproximateFirstReceiveTimestamp: String(clock.now()),
      },
      messageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, attribute]) => [name, recordAttribute(attribute)]),
      ),
      md5OfBody: createHash("md5").update(body).digest("hex"),
      eventSource: "aws:sqs",
      eventSourceARN: queue.settings.arn,
      awsRegion: region,
    };
  }
}

function recordAttribute({ DataType, StringValue, BinaryValue }: MessageAttribute) {
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}
