/** The information about a failed function that its author needs. */
import { sep } from "node:path";
import type { Reporter } from "../report.ts";
import type { Failure } from "./protocol.ts";

export interface FailureDetails {
  requestId: string;
  /** Stack frames of the function's own code, with paths relative to its archive. */
  trace: string[];
  /** The function's last lines of output in this invocation. */
  printed: string[];
}

/** Keeps the stack frames of the author's code, because those of Node and of packages don't help. */
export function ownFrames({ trace = [] }: Partial<Failure>, folder: string): string[] {
  const own = trace.filter((line) => line.includes(folder) && !/[\\/]node_modules[\\/]/.test(cut(line, folder)));
  return own.flatMap((line) => {
    const frame = cut(line, folder).trim();
    if (frame.startsWith("at ")) return [frame];
    // The trace of a syntax error begins with the file and line of the error.
    return /^[^\s:]+:\d+$/.test(frame) ? [`at ${frame}`] : [];
  });
}

/** Removes the archive's folder from a line, because the archive may be stored below a `node_modules` folder. */
function cut(line: string, folder: string): string {
  return line.replaceAll(`file://${folder}${sep}`, "").replaceAll(`${folder}${sep}`, "");
}

/** @param route the function's route, if a request invoked it */
export function reportFailure(
  report: Reporter,
  name: string,
  { payload, details }: { payload: string; details?: FailureDetails },
  route?: string,
): { errorType: string; errorMessage: string } {
  const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: string; errorMessage?: string };
  const failure = { errorType: `${errorType}`, errorMessage: `${errorMessage}` };
  report({ event: "failure", function: name, ...failure, ...details, ...(route === undefined ? {} : { route }) });
  return failure;
}
