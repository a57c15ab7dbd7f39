import type { ErrorCode, ErrorFrame } from "../protocol/errors.ts";

/** Codes of errors that don't come from the server. */
export type ClientErrorCode =
  /** The connection ended before the answer arrived. */
  | "CONNECTION_LOST"
  /** The connection didn't open: the server wasn't reached, or it refused. Browsers don't say which. */
  | "NOT_CONNECTED"
  /** The URL can't be the address of a chat. */
  | "BAD_URL"
  /** The server closed this connection because the user has opened too many others. */
  | "DISPLACED"
  /** No answer arrived in time. */
  | "TIMEOUT"
  /** `close()` was called. */
  | "CLOSED"
  /** A message wasn't acknowledged within 23 hours, or a retry was refused: it may be in the log. */
  | "NOT_CONFIRMED"
  /** The store failed to save a message. */
  | "NOT_STORED"
  /** The token function failed, or didn't answer within 10 s. */
  | "NO_TOKEN";

/** The only kind of error that the client's promises reject with. */
export class ChatError extends Error {
  override name = "ChatError";
  readonly code: ErrorCode | ClientErrorCode;
  /** Whether trying again may help. */
  readonly retryable: boolean;
  /** Minimum delay before another attempt, in milliseconds. */
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

  /** An error that the server has sent. */
  static of({ code, message, retryable, retryAfterMs }: ErrorFrame): ChatError {
    // The client recovers from these two by itself, with a newer token or by joining the room.
    const canRetry = retryable || code === "TOKEN_EXPIRED" || code === "NOT_A_MEMBER";
    return new ChatError(code, message, {
      retryable: canRetry,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }

  /** Wraps anything that was thrown; returns a ChatError unchanged. */
  static from(thrown: unknown, code: ClientErrorCode): ChatError {
    return thrown instanceof ChatError
      ? thrown
      : new ChatError(code, String((thrown as Error)?.message ?? thrown), { cause: thrown });
  }
}

export function closed(): ChatError {
  return new ChatError("CLOSED", "the client was closed", { retryable: false });
}
