/**
 * Posts to connections, checks them and closes them, through the API's `@connections` endpoint.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
import type { ByeFrame, ServerFrame } from "../../protocol/responses";
import { TimedOut } from "../http/exchange";
import type { Resource } from "../resource";
import { type Body, bodyOf, sendSigned } from "../signed/request";

/** Maximum time of a call: a client that doesn't read must not delay the caller for longer. */
const DEADLINE_MS = 2_000;

/** Outcome of a post. */
export type PostOutcome = "posted" | "gone" | "timedOut" | "throttled" | "failed";

const utf8 = new TextEncoder();

/** A frame, encoded for posting. */
export type EncodedFrame = Body;

/** Encodes a frame once for all its receivers. */
export function encodeFrame(frame: ServerFrame): EncodedFrame {
  return bodyOf(utf8.encode(JSON.stringify(frame)));
}

/** Bounds of the random pause before the second attempt of a throttled post, in milliseconds. */
const [MIN_PAUSE_MS, MAX_PAUSE_MS] = [100, 300];

/**
 * Posts a frame to one connection within 2 s, because a late push is useless. Retries once if throttled. Never throws.
 *
 * @returns `gone` if the connection is closed or not open yet: its `$connect` may not have returned
 */
export async function post(api: Resource<"POST">, connectionId: string, frame: EncodedFrame): Promise<PostOutcome> {
  const until = Date.now() + DEADLINE_MS;
  try {
    const first = await call(api, "POST", connectionId, DEADLINE_MS, frame);
    if (first !== 429) return outcomeOf(first);
    await new Promise((resolve) => {
      setTimeout(resolve, MIN_PAUSE_MS + Math.random() * (MAX_PAUSE_MS - MIN_PAUSE_MS));
    });
    return outcomeOf(await call(api, "POST", connectionId, until - Date.now(), frame));
  } catch (error) {
    return error instanceof TimedOut ? "timedOut" : "failed";
  }
}

function outcomeOf(status: number): PostOutcome {
  if (status === 200) return "posted";
  if (status === 410) return "gone";
  return status === 429 ? "throttled" : "failed";
}

/** Returns whether a connection is open. @throws Error if that can't be determined */
export async function isOpen(api: Resource<"GET">, connectionId: string): Promise<boolean> {
  return unlessGone("GET", await call(api, "GET", connectionId));
}

/** Closes a connection; succeeds if it is closed already. @throws Error if it can't be closed */
export async function close(api: Resource<"DELETE">, connectionId: string): Promise<void> {
  unlessGone("DELETE", await call(api, "DELETE", connectionId));
}

/** Tells a client why its connection is closed and when to reconnect, then closes it. Failures are ignored. */
export async function dismiss(
  api: Resource<"POST" | "DELETE">,
  connectionId: string,
  bye: Omit<ByeFrame, "type">,
): Promise<void> {
  await post(api, connectionId, encodeFrame({ type: "bye", ...bye }));
  await close(api, connectionId).catch(() => {});
}

function unlessGone(method: string, status: number): boolean {
  if (status === 410) return false;
  if (status >= 200 && status < 300) return true;
  throw new Error(`${method} @connections was answered with ${status}`);
}

function call(
  endpoint: string,
  method: string,
  connectionId: string,
  deadlineMs = DEADLINE_MS,
  body?: Body,
): Promise<number> {
  // Encoded as the AWS SDK does it, because API Gateway's ids end in `=`.
  const path = `/@connections/${encodeURIComponent(connectionId)}`;
  return sendSigned({
    service: "execute-api",
    endpoint,
    method,
    path,
    deadlineMs,
    ...(body === undefined ? {} : { body }),
  });
}
