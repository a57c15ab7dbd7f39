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
