import type { ErrorCode } from "../protocol/errors";

/** A request that is understood and not done; its code and message are the answer. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Of a connection that was taken for gone: it is still open, and belongs to nobody any more. */
export function unknownConnection(): Refusal {
  return new Refusal("NOT_A_MEMBER", "this connection is no longer known: open a new one");
}
