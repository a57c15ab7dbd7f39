/** Determines what is known about an append after a failed attempt. */
import { ChatError } from "../errors.ts";

/** Errors that don't tell whether the request took effect. API Gateway doesn't say which request it has throttled. */
const UNCLEAR: string[] = ["CLOSED", "CONNECTION_LOST", "INTERNAL", "THROTTLED", "TIMEOUT"];

/** Whether an error is the server's answer that this attempt has changed nothing. */
export function isRefusal(thrown: unknown): boolean {
  return thrown instanceof ChatError && !UNCLEAR.includes(thrown.code);
}

/** The error for an append that the client gives up on. @param cause why the last attempt was refused */
export function givenUp(code: string, cause?: ChatError): ChatError {
  const fate =
    code === "NOT_CONFIRMED"
      ? "the append wasn't acknowledged, so it may or may not be in the log"
      : "the append was refused";
  const why = cause === undefined ? "" : ` (the last attempt was refused: ${cause.message})`;
  return new ChatError(code as "NOT_CONFIRMED", `${fate}${why}; send it again yourself`, { retryable: false, cause });
}
