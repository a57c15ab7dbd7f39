/** What every route for messages does: parse, validate, admit, run, answer, and write one line about it. */
import * as v from "valibot";
import { type Admission, type Caller, userOf } from "../chat/identity/caller";
import { BadFrames } from "../chat/limits/badFrames";
import { LocalRate, type Rates } from "../chat/limits/rates";
import { Refusal, rateLimited } from "../chat/refusal";
import { resource } from "../chat/resource";
import type { ErrorCode, ErrorFrame } from "../protocol/errors";
import type { ServerFrame } from "../protocol/responses";
import type { MessageEvent, RouteResponse } from "./events";
import { echoOf, parse } from "./frame";
import { log, traceOf } from "./log";

/** What every such route uses, beside what it needs for itself. */
export type MessageUses = { CONNECTIONS_URL: "DELETE"; RATES: "setting" };

export const rates: Rates = JSON.parse(resource<MessageUses, "RATES">("RATES"));

const badFrames = new BadFrames(resource<MessageUses, "CONNECTIONS_URL">("CONNECTIONS_URL"), rates.badFrames);
const frames = new LocalRate(rates.frames);

/** What a route did: its answer, and what its log line says. */
export interface Outcome {
  /** @default no answer, or one that was posted */
  answer?: ServerFrame;
  did: string;
  counts?: Record<`${string}Count`, number>;
}

type Request = { action: string; id?: string | undefined };

/**
 * Makes the function of a route from the schema of its frame and what is to be done with a valid one. The request's
 * `id` is always set: a person who types frames by hand may leave it out, then the invocation's takes its place.
 *
 * @param admits says whether a caller may make such a request
 * @param run may throw a Refusal, which is then the answer
 */
export function messageRoute<Frame extends Request>(
  admits: Admission<NoInfer<Frame>>,
  schema: v.GenericSchema<unknown, Frame>,
  run: (request: Frame & { id: string }, caller: Caller) => Promise<Outcome>,
): (event: MessageEvent) => Promise<RouteResponse> {
  return async (event) => {
    const started = performance.now();
    const { connectionId, requestId, routeKey } = event.requestContext;
    const finish = (answer: ServerFrame | undefined, line: { did: string; error?: string }, counts = {}) => {
      const ms = Math.round(performance.now() - started);
      log({ route: routeKey, connectionId, requestId, ...line, ms, ...counts });
      return answer === undefined ? { statusCode: 200 } : { statusCode: 200, body: JSON.stringify(answer) };
    };
    const frame = parse(event.body);
    const refuse = (code: ErrorCode, message: string, more: { retryable?: boolean; retryAfterMs?: number } = {}) => ({
      type: "error" as const,
      code,
      message,
      retryable: false,
      ...more,
      ...echoOf(frame),
    });
    try {
      const caller = userOf(event.requestContext);
      const waitMs = frames.take(caller.user.id);
      if (waitMs > 0) throw rateLimited("too many frames", waitMs);
      const parsed = v.safeParse(schema, frame, { abortEarly: true, message: expectation });
      if (!parsed.success) {
        await badFrames.count(connectionId);
        const answer = badRequest(frame, parsed.issues[0]);
        return finish(answer, { did: answer.code });
      }
      const refused = await admits(caller, parsed.output);
      if (refused !== undefined) return finish(refuse(refused, WHY_NOT[refused]), { did: refused });
      const { answer, did, counts } = await run({ ...parsed.output, id: parsed.output.id ?? requestId }, caller);
      return finish(answer, { did }, counts);
    } catch (error) {
      if (error instanceof Refusal) {
        const { code, message, retryAfterMs } = error;
        const more = retryAfterMs === undefined ? {} : { retryable: true, retryAfterMs };
        return finish(refuse(code, message, more), { did: code });
      }
      const answer = refuse("INTERNAL", "something went wrong on the server; try again", { retryable: true });
      return finish(answer, { did: "INTERNAL", error: traceOf(error) });
    }
  };
}

const WHY_NOT = {
  TOKEN_EXPIRED: "the token has expired: send a new one by refreshToken",
  NOT_A_MEMBER: "you are not in this room: join it first",
  FORBIDDEN: "you may read this room and not write to it",
};

/** Longer ones are cut: they are of fields that there are not. */
const MOST_PATH = 128;

/** Of a value of another type, instead of valibot's words, which quote it. */
function expectation({ expected }: v.BaseIssue<unknown>): string {
  return `${expected ?? "something else"} is expected`;
}

function badRequest(frame: unknown, issue: v.BaseIssue<unknown>): ErrorFrame {
  const path = v.getDotPath(issue)?.slice(0, MOST_PATH) ?? null;
  return {
    type: "error",
    // Every limit in bytes says so, whichever check holds it.
    code: issue.message.includes(" bytes") ? "TOO_LARGE" : "BAD_REQUEST",
    message: path === null ? issue.message : `${path}: ${issue.message}`,
    retryable: false,
    ...echoOf(frame),
    ...(path === null ? {} : { path }),
  };
}
