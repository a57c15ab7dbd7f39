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
  /** Nobody receives it before. */
  visibleAt: number;
  /** Of the last time that it was received. */
  receiptHandle?: string;
}

export interface QueueSettings {
  name: string;
  arn: string;
  url: string;
  /** How long a message that was received is hidden from others. */
  visibilityTimeoutSeconds: number;
  delaySeconds: number;
  /** How long a receiver waits for a message when there is none. */
  receiveWaitSeconds: number;
  /** Of body and attributes together. */
  maxMessageBytes: number;
  policies: PolicyDocument[];
}

/** A message is over the queue's limit. */
export class MessageTooLong extends Error {
  override name = "MessageTooLong";
}

export class Queue {
  settings: QueueSettings;
  readonly #clock: Clock;
  #messages: Message[] = [];

  constructor(settings: QueueSettings, clock: Clock) {
    this.settings = settings;
    this.#clock = clock;
  }

  /** Everything that was sent and not deleted, the oldest first. */
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
    this.#messages.push(message);
    return message;
  }

  /** Hands messages out and hides them from others until they are deleted, or for the visibility timeout. */
  receive(most: number, visibilityTimeoutSeconds = this.settings.visibilityTimeoutSeconds): Message[] {
    const now = this.#clock.now();
    const received = this.#messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, most);
    for (const message of received) {
      message.receiveCount += 1;
      message.visibleAt = now + visibilityTimeoutSeconds * 1000;
      message.receiptHandle = randomUUID();
    }
    return received;
  }

  /** Takes a message out for good; a handle that is out of date does nothing. */
  delete(receiptHandle: string): void {
    this.#messages = this.#messages.filter((message) => message.receiptHandle !== receiptHandle);
  }

  /** How many could be received now, and how many are hidden. */
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
