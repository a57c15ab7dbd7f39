/** The closed list of error codes of chat.v1; each is documented in docs/protocol.md. */
export const ERROR_CODES = [
  "BAD_JSON",
  "BAD_REQUEST",
  "UNKNOWN_ACTION",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "TOKEN_EXPIRED",
  "NOT_A_MEMBER",
  "NOT_FOUND",
  "ID_CONFLICT",
  "TOO_LARGE",
  "LIMIT_EXCEEDED",
  "RATE_LIMITED",
  "THROTTLED",
  "INTERNAL",
] as const;

/** What a program can tell errors apart by. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The answer to a request that was not done. */
export interface ErrorFrame {
  type: "error";
  code: ErrorCode;
  /** For a person: what was wrong and what to do; never a stack trace or the name of anything behind the API. */
  message: string;
  retryable: boolean;
  /** The client's request id, if the frame had one. */
  id?: string;
  /** Names the request where there is no id. */
  action?: string;
  /** Where in the frame the mistake is, such as `text`. */
  path?: string;
  retryAfterMs?: number;
}
