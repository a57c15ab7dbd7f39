/** What every route for messages does: parse, validate, run, answer, and write one line about it. */
import type { APIGatewayProxyWebsocketEventV2 } from "aws-lambda";
import * as v from "valibot";
import { type Caller, callerOf } from "../chat/identity";
import type { ErrorFrame } from "../protocol/errors";
import type { ServerFrame } from "../protocol/responses";
import { log } from "./log";

export type MessageEvent = APIGatewayProxyWebsocketEventV2;

/** What a Lambda proxy integration returns; the body becomes the answer to the frame. */
export interface RouteResponse {
  statusCode: number;
  body?: string;
}

/** What a route did: its answer, and what its log line says. */
export interface Outcome {
  answer: ServerFrame;
  did: string;
  counts?: Record<`${string}Count`, number>;
}

type Request = { action: string; id?: string | undefined };

/**
 * Makes the function of a route from the schema of its frame and what is to be done with a valid one. The request's
 * `id` is always set: a person who types frames by hand may leave it out, then the invocation's takes its place.
 */
export function messageRoute<Frame extends Request>(
  schema: v.GenericSchema<unknown, Frame>,
  run: (request: Frame & { id: string }, caller: Caller) => Promise<Outcome>,
): (event: MessageEvent) => Promise<RouteResponse> {
  return async (event) => {
    const started = performance.now();
    const { connectionId, requestId, routeKey } = event.requestContext;
    const finish = (answer: ServerFrame, line: { did: string; error?: string }, counts = {}): RouteResponse => {
      const ms = Math.round(performance.now() - started);
      log({ route: routeKey, connectionId, requestId, ...line, ms, ...counts });
      return { statusCode: 200, body: JSON.stringify(answer) };
    };
    const frame = parse(event.body);
    const parsed = v.safeParse(schema, frame, { abortEarly: true });
    if (!parsed.success) {
      const answer = badRequest(frame, parsed.issues[0]);
      return finish(answer, { did: answer.code });
    }
    const request = { ...parsed.output, id: parsed.output.id ?? requestId };
    try {
      const { answer, did, counts } = await run(request, callerOf(event.requestContext));
      return finish(answer, { did }, counts);
    } catch (error) {
      const answer: ErrorFrame = {
        type: "error",
        code: "INTERNAL",
        message: "something went wrong on the server; try again",
        retryable: true,
        id: request.id,
      };
      return finish(answer, { did: "INTERNAL", error: traceOf(error) });
    }
  };
}

/** The JSON of a frame; undefined when it is none, which no schema accepts. */
export function parse(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? "");
  } catch {
    return undefined;
  }
}

/** The parts of a request that say which one it was, as far as they can be trusted. */
export function echoOf(frame: unknown): { id?: string; action?: string } {
  if (typeof frame !== "object" || frame === null) return {};
  const { id, action } = frame as { id?: unknown; action?: unknown };
  if (typeof id === "string" && id.length >= 1 && id.length <= 64) return { id };
  return typeof action === "string" ? { action: action.slice(0, 64) } : {};
}

function badRequest(frame: unknown, issue: v.BaseIssue<unknown>): ErrorFrame {
  const path = v.getDotPath(issue);
  return {
    type: "error",
    code: "BAD_REQUEST",
    message: path === null ? issue.message : `${path}: ${issue.message}`,
    retryable: false,
    ...echoOf(frame),
    ...(path === null ? {} : { path }),
  };
}

/** Name and places, without the message: it may quote what a client sent. */
function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const places = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [error.name, ...places.slice(0, 8)].join("\n");
}
