/** A standard SQS queue, in memory. */
import { randomUUID } from "node:crypto";
import type { PolicyDocument } from "@serverless-chat/iam";
import type { Clock } from "../clock.ts";

export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Record<string, MessageAttribute>;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  receiveCount: number;
  /** The message can't be received before this time. */
  visibleAt: number;
  /** Receipt handle of the last delivery. */
  receiptHandle?: string;
}

export interface QueueSettings {
  name: string;
  arn: string;
  url: string;
  /** How long a received message is hidden from other receivers. */
  visibilityTimeoutSeconds: number;
  delaySeconds: number;
  /** Maximum time that a receiver waits for a message if the queue is empty. */
  receiveWaitSeconds: number;
  /** Maximum size of body and attributes together. */
  maxMessageBytes: number;
  policies: PolicyDocument[];
  redrive?: Redrive;
}

/** Destination of messages that were received too often. */
export interface Redrive {
  deadLetterTargetArn: string;
  maxReceiveCount: number;
}

/** Error for a message that exceeds the queue's size limit. */
export class MessageTooLong extends Error {
  override name = "MessageTooLong";
}

export class Queue {
  settings: QueueSettings;
  readonly #clock: Clock;
  readonly #queueOf: (arn: string) => Queue | undefined;
  readonly #onSent = new Set<() => void>();
  #messages: Message[] = [];

  /** @param queueOf finds a dead-letter queue */
  constructor(settings: QueueSettings, clock: Clock, queueOf: (arn: string) => Queue | undefined = () => undefined) {
    this.settings = settings;
    this.#clock = clock;
    this.#queueOf = queueOf;
  }

  /** Calls the listener after each new message and each `hide`. Returns a function that removes the listener. */
  onSent(listener: () => void): () => void {
    this.#onSent.add(listener);
    return () => void this.#onSent.delete(listener);
  }

  /** Messages that were sent and not deleted, oldest first. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** @throws MessageTooLong saying the limit */
  send(
    body: string,
    attributes: Record<string, MessageAttribute> = {},
    delaySeconds = this.settings.delaySeconds,
  ): Message {
    const { maxMessageBytes } = this.settings;
    if (bytesOf(body, attributes) > maxMessageBytes) {
      throw new MessageTooLong(`Message must be shorter than ${maxMessageBytes} bytes.`);
    }
    const sentAt = this.#clock.now();
    const message = {
      id: randomUUID(),
      body,
      attributes,
      sentAt,
      receiveCount: 0,
      visibleAt: sentAt + delaySeconds * 1000,
    };
    this.#add(message);
    return message;
  }

  #add(message: Message): void {
    this.#messages.push(message);
    for (const listener of this.#onSent) listener();
  }

  /** Returns messages, and hides them from other receivers for the visibility timeout. */
  receive(most: number, visibilityTimeoutSeconds = this.settings.visibilityTimeoutSeconds): Message[] {
    const now = this.#clock.now();
    this.#redrive(now);
    const received = this.#messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, most);
    for (const message of received) {
      message.receiveCount += 1;
      message.visibleAt = now + visibilityTimeoutSeconds * 1000;
      message.receiptHandle = randomUUID();
    }
    return received;
  }

  /** Moves messages that were received too often to the dead-letter queue. */
  #redrive(now: number): void {
    const { redrive } = this.settings;
    const target = redrive && this.#queueOf(redrive.deadLetterTargetArn);
    if (redrive === undefined || target === undefined) return;
    const isExhausted = ({ visibleAt, receiveCount }: Message) =>
      visibleAt <= now && receiveCount >= redrive.maxReceiveCount;
    const exhausted = this.#messages.filter(isExhausted);
    if (exhausted.length === 0) return;
    this.#messages = this.#messages.filter((message) => !exhausted.includes(message));
    for (const { receiptHandle: _, ...message } of exhausted) target.#add({ ...message, receiveCount: 0 });
  }

  /** The time when the next message can be received, in milliseconds since 1970; undefined for an empty queue. */
  nextVisibleAt(): number | undefined {
    if (this.#messages.length === 0) return undefined;
    return this.#messages.reduce((next, { visibleAt }) => Math.min(next, visibleAt), Number.POSITIVE_INFINITY);
  }

  /** Hides a received message for `seconds` from now. @returns whether the handle is current */
  hide(receiptHandle: string, seconds: number): boolean {
    const message = this.#messages.find((one) => one.receiptHandle === receiptHandle);
    if (message === undefined) return false;
    message.visibleAt = this.#clock.now() + seconds * 1000;
    for (const listener of this.#onSent) listener();
    return true;
  }

  /** Deletes a message for good; an outdated handle does nothing. */
  delete(receiptHandle: string): void {
    this.#messages = this.#messages.filter((message) => message.receiptHandle !== receiptHandle);
  }

  /** The numbers of visible and hidden messages. */
  count(): { visible: number; hidden: number } {
    const now = this.#clock.now();
    const visible = this.#messages.filter(({ visibleAt }) => visibleAt <= now).length;
    return { visible, hidden: this.#messages.length - visible };
  }
}

function bytesOf(body: string, attributes: Record<string, MessageAttribute>): number {
  const parts = Object.entries(attributes).flatMap(([name, { DataType, StringValue = "", BinaryValue = "" }]) => [
    name,
    DataType,
    StringValue,
    BinaryValue,
  ]);
  return [body, ...parts].reduce((bytes, part) => bytes + Buffer.byteLength(part), 0);
}
