import type { ErrorCode } from "../protocol/errors";

/** A request that is understood and not done; its code and message are the answer. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly code: ErrorCode;
  /** It may be asked again, unchanged, after so long. @default never */
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

/** Refusal for an open connection whose rows are gone because it was taken for closed. */
export function unknownConnection(): Refusal {
  return new Refusal("NOT_A_MEMBER", "this connection is no longer known: open a new one");
}
