/** The steps that every message route shares: parse, validate, admit, run, answer, and write one log line. */
import * as v from "valibot";
import { encodeFrame, post } from "../chat/connections/connectionsApi";
import { type Admission, type Caller, userOf } from "../chat/identity/caller";
import { FrameBudget } from "../chat/limits/frameBudget";
import type { Limits } from "../chat/limits/limits";
import { Strikes } from "../chat/limits/strikes";
import { Refusal, rateLimited } from "../chat/refusal";
import type { ErrorCode, ErrorFrame } from "../protocol/errors";
import type { ServerFrame } from "../protocol/responses";
import type { Environment } from "./environment";
import type { MessageEvent, RouteResponse } from "./events";
import { echoOf, parse } from "./frame";
import { log, traceOf } from "./log";
import { expectation, problemOf } from "./validation";

/** Resources that every message route uses. @typeParam Operation additional operations on the connections table */
export type MessageUses<Operation extends string = never> = {
  CONNECTIONS_TABLE: "UpdateItem" | Operation;
  CONNECTIONS_URL: "POST" | "DELETE";
  LIMITS: "setting";
  LOBBY: "setting";
};

type Counts = Record<`${string}Count`, number> & { lateMs?: number };

/** Result of a route: its answer, and the fields of its log line. */
export interface Outcome {
  /** @default no answer, or one that has already been posted */
  answer?: ServerFrame;
  did: string;
  counts?: Counts;
  /**
   * Tells others about the result. The answer is posted first, because a route response leaves only when the function
   * returns. A failure here is logged and doesn't affect the answer.
   */
  after?: () => Promise<Counts | undefined>;
}

type Request = { action: string; id?: string | undefined };

/** Limits one person's actions across environments, as a `SharedRate` does. */
export interface Budget {
  isClosed(userId: string): boolean;
  isIgnored(userId: string): boolean;
  refusedMs(userId: string): number;
  take(userId: string, points: number): Promise<number>;
}

export interface RouteOptions<Frame> {
  /** Throws a Refusal if the caller isn't allowed to make this request. */
  admits: Admission<NoInfer<Frame>>;
  schema: v.GenericSchema<unknown, Frame>;
  /** Points that the frame costs its sender. */
  points: number;
  /** Budget that the points are taken from. @default the budget that all frames share, except appends */
  budget?: Budget;
  /** Handles a valid frame. It may throw a Refusal, which becomes the answer. */
  run: (request: Frame & { id: string }, caller: Caller) => Promise<Outcome>;
}

/** The stack's limits, from the environment variable. */
export function limitsOf({ LIMITS }: Pick<Environment<MessageUses>, "LIMITS">): Limits {
  return JSON.parse(LIMITS);
}

/**
 * Creates the function of a route. Every limit on what a person sends is enforced here. The request's `id` is always
 * set: a person who types frames by hand may omit it, and then API Gateway's request id is used.
 */
export function messageRoute<Frame extends Request>(
  env: Environment<MessageUses>,
  { admits, schema, points, run, ...options }: RouteOptions<Frame>,
): (event: MessageEvent) => Promise<RouteResponse> {
  const { CONNECTIONS_TABLE: table, CONNECTIONS_URL: api, LOBBY: lobby } = env;
  const limits = limitsOf(env);
  const strikes = new Strikes(table, api, limits);
  const { budget = new FrameBudget(table, limits.frames) } = options;
  return async (event) => {
    const started = performance.now();
    const { connectionId, requestId, routeKey } = event.requestContext;
    const frame = inRoom(lobby, schema, parse(event.body));
    const finish = (answer: ServerFrame | undefined, did: string, counts: Counts = {}, error?: string) => {
      const ms = Math.round(performance.now() - started);
      log({ route: routeKey, connectionId, requestId, did, ms, ...counts, ...(error === undefined ? {} : { error }) });
      return answer === undefined ? { statusCode: 200 } : { statusCode: 200, body: JSON.stringify(answer) };
    };
    try {
      const caller = userOf(event.requestContext);
      const { user } = caller;
      const refuse = async (waitMs: number) => {
        if (waitMs > 0 && budget.isClosed(user.id)) await strikes.dismiss(connectionId);
        refuseFor("you are sending too fast", waitMs);
      };
      if (budget.isIgnored(user.id) && !budget.isClosed(user.id)) await strikes.add(user.id, connectionId);
      await refuse(budget.refusedMs(user.id));
      const parsed = v.safeParse(schema, frame, { abortEarly: true, message: expectation });
      if (!parsed.success) {
        await strikes.add(user.id, connectionId);
        const answer = badRequest(frame, parsed.issues[0]);
        return finish(answer, answer.code);
      }
      // The admission check and the budget both query the table, and neither needs the other's answer, so they run
      // concurrently. If both refuse, the budget's refusal is used.
      const admission = admits(caller, parsed.output);
      admission.catch(() => {});
      await refuse(await budget.take(user.id, points));
      const request = { ...parsed.output, id: parsed.output.id ?? requestId };
      const { answer, did, counts, after } = await run(request, await admission);
      if (after === undefined) return finish(answer, did, counts);
      const isPosted = answer !== undefined && (await post(api, connectionId, encodeFrame(answer))) === "posted";
      const rest = await after().catch((error: unknown) => ({ error: traceOf(error) }));
      const error = (rest as { error?: string } | undefined)?.error;
      const more = error === undefined ? (rest as Counts | undefined) : {};
      return finish(isPosted ? undefined : answer, did, { ...counts, ...more }, error);
    } catch (error) {
      if (error instanceof Refusal) return finish(refusalOf(frame, error), error.code);
      const message = "something went wrong on the server; try again";
      const answer = { ...errorFrame(frame, "INTERNAL", message), retryable: true };
      return finish(answer, "INTERNAL", {}, traceOf(error));
    }
  };
}

/** @throws Refusal RATE_LIMITED if the person has to wait */
export function refuseFor(why: string, waitMs: number): void {
  if (waitMs > 0) throw rateLimited(why, waitMs);
}

/** Fills in the lobby for a frame without a room, if its action needs a room. */
function inRoom(lobby: string, schema: v.GenericSchema, frame: unknown): unknown {
  if (lobby === "" || !("room" in (schema as unknown as { entries: object }).entries)) return frame;
  if (typeof frame !== "object" || frame === null || Array.isArray(frame) || Object.hasOwn(frame, "room")) return frame;
  return { ...frame, room: lobby };
}

function errorFrame(frame: unknown, code: ErrorCode, message: string): ErrorFrame {
  return { type: "error", code, message, retryable: false, ...echoOf(frame) };
}

function refusalOf(frame: unknown, { code, message, retryAfterMs }: Refusal): ErrorFrame {
  const more = retryAfterMs === undefined ? {} : { retryable: true, retryAfterMs };
  return { ...errorFrame(frame, code, message), ...more };
}

function badRequest(frame: unknown, issue: v.BaseIssue<unknown>): ErrorFrame {
  const { code, ...problem } = problemOf(issue);
  return { ...errorFrame(frame, code, ""), ...problem };
}
