/** The answers of the Invoke operation. */
import type { Outcome } from "./environment.ts";
import { type FailureDetails, ownFrames } from "./failure.ts";

export interface Invoked {
  /** The result or `{errorType, errorMessage, trace}`, as JSON. */
  payload: string;
  failed: boolean;
  /** Set if the reserved concurrency is used up, so that nothing ran. */
  throttled?: true;
  /** Set if the function ran and failed. */
  details?: FailureDetails;
  /** The end of the invocation's log. */
  logTail?: string;
}

/** Answer if the reserved concurrency is used up. */
export const THROTTLED: Invoked = {
  payload: JSON.stringify({
    errorType: "TooManyRequestsException",
    errorMessage: "Rate Exceeded.",
    reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
  }),
  failed: true,
  throttled: true,
};

interface Run {
  requestId: string;
  printed: string[];
  /** The lines that Lambda adds at the end of the invocation's log. */
  end: string[];
  /** Folder of the function's code. */
  folder: string;
}

export function invokedOf(outcome: Outcome, { requestId, printed, end, folder }: Run): Invoked {
  const logTail = [`START RequestId: ${requestId} Version: $LATEST`, ...printed, ...end, ""].join("\n");
  if (!("failure" in outcome)) return { payload: outcome.payload, failed: false, logTail };
  const trace = ownFrames(outcome.failure, folder);
  // The `Invoke Error` line repeats the failure.
  const lines = printed.filter((line) => !line.includes("\tInvoke Error"));
  return {
    payload: JSON.stringify(outcome.failure),
    failed: true,
    logTail,
    details: { requestId, trace, printed: lines },
  };
}
