/** Publishes messages from a backend, through the stack's `publish` function. */
import type { PublishAnswer, PublishError, ServiceMessage } from "../../protocol/publish.ts";
import { ChatError } from "../errors.ts";

export type { PublishError } from "../../protocol/publish.ts";
export { ChatError } from "../errors.ts";

/** Maximum number of messages in one request. */
const MAX_MESSAGES = 25;

/** Shortest pause before a retry, and the longest that a server may ask for. */
const MIN_PAUSE_MS = 200;
const MAX_PAUSE_MS = 30_000;

/** The only method that is called on an AWS SDK client such as `new Lambda({})` of `@aws-sdk/client-lambda`. */
export interface LambdaInvoker {
  invoke(input: {
    FunctionName: string;
    Payload: string;
  }): Promise<{ FunctionError?: string | undefined; Payload?: Uint8Array | undefined }>;
}

export interface PublishOptions {
  /** Signs with the caller's credentials, which need `lambda:InvokeFunction` on the function. */
  lambda: LambdaInvoker;
  /** ARN or name of the function: the stack's output `publishFunctionArn`. */
  functionArn: string;
  /** Shown as the author's name; the author's id is `service:` and this name. */
  service: string;
  /** Number of attempts after errors that can be retried, 1 or more. @default 4 */
  attempts?: number;
}

export interface MessageToPublish {
  room: string;
  /** 1 to 8,192 bytes of UTF-8. */
  text: string;
  /** Publishing the same service, room and id again within 48 hours adds no second message. @default a random UUID */
  id?: string;
  /** Position, in the same room, of the message that this one replies to. */
  replyTo?: number;
}

/** The outcome of one message. */
export type Published =
  /** The message is stored durably at this position in its room; `duplicate` means that an earlier attempt did so. */
  | { id: string; seq: number; sentAt: number; duplicate?: true; error?: undefined }
  | { id: string; error: PublishError };

/**
 * Publishes messages, 25 per request, and keeps their order within a room. Messages that fail temporarily are retried
 * with the same ids, after the pause that the server asks for.
 *
 * @returns the outcome of each message, in the order of the messages
 * @throws ChatError when a request as a whole is refused, such as BAD_REQUEST for the service's name; and whatever
 *   `lambda` throws, such as a missing permission. If you set the ids yourself, it is safe to call this again
 * @example await publish({ lambda: new Lambda({}), functionArn, service: "billing" }, [{ room: "lobby", text: "Paid." }]);
 */
export async function publish(options: PublishOptions, messages: readonly MessageToPublish[]): Promise<Published[]> {
  const published: Published[] = [];
  for (let from = 0; from < messages.length; from += MAX_MESSAGES) {
    const entries = messages
      .slice(from, from + MAX_MESSAGES)
      .map((message): ServiceMessage => ({ ...message, id: message.id ?? crypto.randomUUID() }));
    published.push(...(await publishEntries(options, entries)));
  }
  return published;
}

async function publishEntries(options: PublishOptions, entries: ServiceMessage[]): Promise<Published[]> {
  const { attempts = 4 } = options;
  const published = new Map<ServiceMessage, Published>();
  let left = entries;
  for (let attempt = 1; ; attempt++) {
    const answer = await invoke(options, left, attempt > 1);
    if ("error" in answer && !answer.error.retryable) throw errorOf(answer.error);
    for (const [i, entry] of left.entries()) {
      const result = "error" in answer ? answer : answer.results[i];
      published.set(entry, { ...result, id: entry.id } as Published);
    }
    left = left.filter((entry) => published.get(entry)?.error?.retryable);
    if (left.length === 0) return entries.map((entry) => published.get(entry) as Published);
    const { error } = published.get(left[0] as ServiceMessage) as { error: PublishError };
    if (attempt >= attempts) {
      if ("error" in answer) throw errorOf(error);
      return entries.map((entry) => published.get(entry) as Published);
    }
    await pause(Math.max(MIN_PAUSE_MS * 2 ** (attempt - 1), error.retryAfterMs ?? 0));
  }
}

async function invoke(
  { lambda, functionArn, service }: PublishOptions,
  left: ServiceMessage[],
  retry: boolean,
): Promise<PublishAnswer> {
  const entries = retry ? left.map((entry) => ({ ...entry, retry })) : left;
  const { FunctionError, Payload } = await lambda.invoke({
    FunctionName: functionArn,
    Payload: JSON.stringify({ service, entries }),
  });
  if (FunctionError === undefined) return JSON.parse(new TextDecoder().decode(Payload));
  const message = `${functionArn} failed (${FunctionError}); its log says more`;
  return { error: { code: "INTERNAL", message, retryable: true } };
}

function errorOf({ code, message, retryable, retryAfterMs }: PublishError): ChatError {
  return new ChatError(code, message, { retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(ms, MAX_PAUSE_MS)));
}
