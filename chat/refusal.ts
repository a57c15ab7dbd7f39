import type { ErrorCode } from "../protocol/errors";

/** Thrown if a valid request isn't carried out; the client gets the code and the message as its answer. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly code: ErrorCode;
  /** Delay after which the same request may be repeated. @default never */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

export function rateLimited(what: string, retryAfterMs: number): Refusal {
  return new Refusal("RATE_LIMITED", `${what}: try again in ${retryAfterMs} ms`, retryAfterMs);
}

/** Refusal for an open connection whose rows were removed because it seemed to be closed. */
export function unknownConnection(): Refusal {
  return new Refusal("NOT_A_MEMBER", "this connection is no longer known: open a new one");
}
