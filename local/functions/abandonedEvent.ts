/** An asynchronous event that Lambda has given up: what becomes of it. */
import type { Access } from "../access.ts";
import { type MessageAttribute, MessageTooLong, type Queue } from "../queues/queue.ts";
import type { Reporter } from "../report.ts";
import type { Invoked, LambdaFunction } from "./function.ts";

export interface AbandonedEvent {
  target: LambdaFunction;
  requestId: string;
  /** JSON. */
  payload: string;
  condition: "RetriesExhausted" | "EventAgeExceeded" | "ZeroReservedConcurrency";
  /** How often the function ran. */
  runs: number;
  /** Milliseconds since 1970. */
  abandonedAt: number;
  /** Absent where nothing was tried. */
  lastAttempt?: Invoked;
}

interface Surroundings {
  access: Access;
  report: Reporter;
  /** By ARN. */
  queues: ReadonlyMap<string, Queue>;
}

interface Letter {
  body: string;
  attributes?: Record<string, MessageAttribute>;
}

/** Sends it to the function's on-failure destination and to its dead-letter queue, whichever there are. */
export function deliverAbandoned(event: AbandonedEvent, at: Surroundings): void {
  const { target, requestId } = event;
  const { onFailure } = target.eventInvokeConfig;
  const { deadLetterTarget } = target;
  if (onFailure !== undefined) send(event, onFailure, { body: destinationRecord(event) }, at);
  if (deadLetterTarget !== undefined) send(event, deadLetterTarget, deadLetter(event), at);
  if (onFailure === undefined && deadLetterTarget === undefined) {
    const { name } = target.settings;
    const message = `${name} gave up the event ${requestId} and has no dead-letter queue: the event is lost`;
    at.report({ event: "warning", message });
  }
}

function send(event: AbandonedEvent, queueArn: string, letter: Letter, at: Surroundings): void {
  const { target, requestId, condition } = event;
  const { name } = target.settings;
  const queue = at.queues.get(queueArn);
  const problem =
    queue === undefined ? `the queue ${queueArn} is not part of this program` : trySending(target, queue, letter, at);
  if (problem === undefined) {
    const error = `${condition}: ${errorMessageOf(event)}`;
    at.report({ event: "deadLetter", queue: queueArn.split(":").at(-1) as string, function: name, requestId, error });
  } else {
    at.report({ event: "warning", message: `the event ${requestId} that ${name} gave up is lost: ${problem}` });
  }
}

/** Sends with the function's own role, as Lambda does. Returns what stood against it. */
function trySending(
  { caller }: LambdaFunction,
  queue: Queue,
  { body, attributes }: Letter,
  at: Surroundings,
): string | undefined {
  const { arn, policies } = queue.settings;
  if (at.access.refusal(caller, "sqs:SendMessage", arn, {}, policies) !== undefined) {
    return `the role ${caller.role.name} may not send to ${arn}`;
  }
  try {
    queue.send(body, attributes);
    return undefined;
  } catch (error) {
    if (!(error instanceof MessageTooLong)) throw error;
    return `${arn} does not take it: ${error.message}`;
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function destinationRecord(event: AbandonedEvent): string {
  const { target, requestId, payload, condition, runs, abandonedAt, lastAttempt } = event;
  return JSON.stringify({
    version: "1.0",
    timestamp: new Date(abandonedAt).toISOString(),
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

/** A throttle is an answer of Lambda's, not of the function's. */
function responseOf({ payload, throttled }: Invoked) {
  if (throttled) return { responseContext: { statusCode: 429 } };
  return {
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: JSON.parse(payload),
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
function deadLetter(event: AbandonedEvent): Letter {
  const { requestId, payload, lastAttempt } = event;
  const errorMessage = Buffer.from(errorMessageOf(event)).subarray(0, MAX_ERROR_MESSAGE_BYTES).toString("utf8");
  return {
    body: payload,
    attributes: {
      RequestID: { DataType: "String", StringValue: requestId },
      // The status of Invoke, not of the function.
      ...(lastAttempt === undefined
        ? {}
        : { ErrorCode: { DataType: "Number", StringValue: lastAttempt.throttled ? "429" : "200" } }),
      ErrorMessage: { DataType: "String", StringValue: errorMessage },
    },
  };
}

const MAX_ERROR_MESSAGE_BYTES = 1024;

function errorMessageOf({ lastAttempt }: AbandonedEvent): string {
  if (lastAttempt === undefined) return "the function has a reserved concurrency of zero";
  return (JSON.parse(lastAttempt.payload) as { errorMessage: string }).errorMessage;
}
