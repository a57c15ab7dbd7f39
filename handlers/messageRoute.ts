/** What every route for messages does: parse, validate, run, answer, and write one line about it. */
import * as v from "valibot";
import { type Caller, userOf } from "../chat/identity";
import type { ErrorFrame } from "../protocol/errors";
import type { ServerFrame } from "../protocol/responses";
import type { MessageEvent, RouteResponse } from "./events";
import { echoOf, parse } from "./frame";
import { log } from "./log";

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
 *
 * @param admits says whether a caller may still speak; the answer to who may not is TOKEN_EXPIRED
 */
export function messageRoute<Frame extends Request>(
  admits: (caller: Caller) => Promise<boolean>,
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
      const caller = userOf(event.requestContext);
      if (!(await admits(caller))) {
        return finish(tokenExpired(request.id), { did: "TOKEN_EXPIRED" });
      }
      const { answer, did, counts } = await run(request, caller);
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

function tokenExpired(id: string): ErrorFrame {
  const message = "the token has expired: send a new one by refreshToken";
  return { type: "error", id, code: "TOKEN_EXPIRED", message, retryable: false };
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
