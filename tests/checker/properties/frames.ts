import type { Frame } from "../history.ts";
import type { Facts } from "./facts.ts";

/** Maximum size of a frame in UTF-8, as docs/protocol.md promises. */
const MAX_FRAME_BYTES = 32_000;

const TYPES = new Set([
  ...["ready", "ack", "error", "event", "page", "reset", "presence", "typing", "read", "rooms", "pong", "bye"],
]);
const GATEWAY_SAYS = new Set(["Internal server error", "Too Many Requests"]);

/** Clients get only frames of known types that fit the size limit. */
export function* frames({ history }: Facts): Generator<string> {
  for (const { client, frame, bytes } of history.all("frame in")) yield* check(client, frame, bytes);
  for (const { connection, frame, bytes } of history.all("post")) yield* check(connection, frame, bytes);
}

function* check(to: string, frame: Frame, bytes: number): Generator<string> {
  if (bytes > MAX_FRAME_BYTES) yield `a frame of ${bytes} bytes for ${to}`;
  if (frame.type === undefined ? !GATEWAY_SAYS.has(frame.message) : !TYPES.has(frame.type)) {
    yield `a frame of the type ${frame.type} for ${to}: ${JSON.stringify(frame).slice(0, 80)}`;
  }
}
