import type { ErrorCode, ErrorFrame } from "../protocol/errors.ts";

/** What a server cannot say, because it was not reached, or because the client gave up. */
export type ClientErrorCode =
  /** The connection ended before the answer came. */
  | "CONNECTION_LOST"
  /** No answer came in time. */
  | "TIMEOUT"
  /** `close()` was called. */
  | "CLOSED"
  /** A message was not acknowledged in 23 hours: only its author may send it again. */
  | "NOT_CONFIRMED"
  /** The store did not take a message. */
  | "NOT_STORED"
  /** The token function failed. */
  | "NO_TOKEN";

/** Anything that goes wrong here. */
export class ChatError extends Error {
  override name = "ChatError";
  readonly code: ErrorCode | ClientErrorCode;
  /** Trying again may help. */
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode | ClientErrorCode,
    message: string,
    { retryable = true, retryAfterMs, cause }: { retryable?: boolean; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }

  static of({ code, message, retryable, retryAfterMs }: ErrorFrame): ChatError {
    // A newer token may be accepted, and who joins is a member.
    const mayHelp = retryable || code === "TOKEN_EXPIRED" || code === "NOT_A_MEMBER";
    return new ChatError(code, message, {
      retryable: mayHelp,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }

  /** What is thrown may be anything; what comes out of here is always one of these. */
  static from(thrown: unknown, code: ClientErrorCode): ChatError {
    return thrown instanceof ChatError
      ? thrown
      : new ChatError(code, String((thrown as Error)?.message ?? thrown), { cause: thrown });
  }
}
