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

/** A code that lets programs tell errors apart. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The answer to a request that wasn't carried out. */
export interface ErrorFrame {
  type: "error";
  code: ErrorCode;
  /** A message for people: what was wrong and what to do. It never contains a stack trace or names of internals. */
  message: string;
  retryable: boolean;
  /** The client's request id, if the frame had one. */
  id?: string;
  /** The action of the request, if there is no id. */
  action?: string;
  /** Path of the invalid field, such as `text`. */
  path?: string;
  retryAfterMs?: number;
}
