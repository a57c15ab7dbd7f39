/** Delivers asynchronous events whose retries have failed: to a destination, a dead-letter queue, or both. */
import type { Access } from "../access.ts";
import { type MessageAttribute, MessageTooLong, type Queue } from "../queues/queue.ts";
import type { Reporter } from "../report.ts";
import type { LambdaFunction } from "./function.ts";
import type { Invoked } from "./invoked.ts";

export interface FailedEvent {
  target: LambdaFunction;
  requestId: string;
  /** The event, as JSON. */
  payload: string;
  condition: "RetriesExhausted" | "EventAgeExceeded" | "ZeroReservedConcurrency";
  /** Number of runs. */
  runs: number;
  /** Milliseconds since 1970. */
  failedAt: number;
  /** Undefined for `ZeroReservedConcurrency`. */
  lastAttempt?: Invoked;
}

interface Deps {
  access: Access;
  report: Reporter;
  /** Queues by ARN. */
  queues: ReadonlyMap<string, Queue>;
}

interface Letter {
  body: string;
  attributes?: Record<string, MessageAttribute>;
}

/** Sends an event to the function's on-failure destination and dead-letter queue, if they exist. */
export function deliverFailedEvent(event: FailedEvent, deps: Deps): void {
  const { target, requestId } = event;
  const { onFailure } = target.eventInvokeConfig;
  const { deadLetterTarget } = target;
  if (onFailure !== undefined) send(event, onFailure, { body: destinationRecord(event) }, deps);
  if (deadLetterTarget !== undefined) send(event, deadLetterTarget, deadLetter(event), deps);
  if (onFailure === undefined && deadLetterTarget === undefined) {
    const { name } = target.settings;
    const message = `${name} gave up on the event ${requestId} and has no dead-letter queue: the event is lost`;
    deps.report({ event: "warning", message });
  }
}

function send(event: FailedEvent, queueArn: string, letter: Letter, deps: Deps): void {
  const { target, requestId, condition } = event;
  const { name } = target.settings;
  const queue = deps.queues.get(queueArn);
  const problem =
    queue === undefined ? `the queue ${queueArn} is not part of this program` : trySending(target, queue, letter, deps);
  if (problem === undefined) {
    const error = `${condition}: ${errorMessageOf(event)}`;
    deps.report({ event: "deadLetter", queue: queueArn.split(":").at(-1) as string, function: name, requestId, error });
  } else {
    deps.report({ event: "warning", message: `the event ${requestId}, which ${name} gave up on, is lost: ${problem}` });
  }
}

/** Sends with the function's own role, as Lambda does. Returns the reason if that fails. */
function trySending(
  { caller }: LambdaFunction,
  queue: Queue,
  { body, attributes }: Letter,
  deps: Deps,
): string | undefined {
  const { arn, policies } = queue.settings;
  if (deps.access.refusal(caller, "sqs:SendMessage", arn, {}, policies) !== undefined) {
    return `the role ${caller.role.name} isn't allowed to send to ${arn}`;
  }
  try {
    queue.send(body, attributes);
    return undefined;
  } catch (error) {
    if (!(error instanceof MessageTooLong)) throw error;
    return `${arn} refused it: ${error.message}`;
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function destinationRecord(event: FailedEvent): string {
  const { target, requestId, payload, condition, runs, failedAt, lastAttempt } = event;
  return JSON.stringify({
    version: "1.0",
    timestamp: new Date(failedAt).toISOString(),
    requestContext: {
      requestId,
      functionArn: `${target.settings.arn}:$LATEST`,
      condition,
      approximateInvokeCount: runs,
    },
    requestPayload: JSON.parse(payload),
    ...(lastAttempt === undefined ? {} : responseOf(lastAttempt)),
  });
}

/** Describes the response. A throttled run has Lambda's response, not the function's. */
function responseOf({ payload, throttled }: Invoked) {
  if (throttled) return { responseContext: { statusCode: 429 } };
  return {
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: JSON.parse(payload),
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
function deadLetter(event: FailedEvent): Letter {
  const { requestId, payload, lastAttempt } = event;
  const errorMessage = Buffer.from(errorMessageOf(event)).subarray(0, MAX_ERROR_MESSAGE_BYTES).toString("utf8");
  return {
    body: payload,
    attributes: {
      RequestID: { DataType: "String", StringValue: requestId },
      // ErrorCode is the status of Invoke, not of the function.
      ...(lastAttempt === undefined
        ? {}
        : { ErrorCode: { DataType: "Number", StringValue: lastAttempt.throttled ? "429" : "200" } }),
      ErrorMessage: { DataType: "String", StringValue: errorMessage },
    },
  };
}

const MAX_ERROR_MESSAGE_BYTES = 1024;

function errorMessageOf({ lastAttempt }: FailedEvent): string {
  if (lastAttempt === undefined) return "the function has a reserved concurrency of zero";
  return (JSON.parse(lastAttempt.payload) as { errorMessage: string }).errorMessage;
}
