/**
 * Structured log lines. What a line may hold is listed here; message text, tokens and addresses have no place in it.
 */
export interface LogLine {
  route: string;
  /** The connection whose frame is handled; absent in functions that no frame starts. */
  connectionId?: string;
  requestId?: string;
  /** What was done, such as `stored` or the code of the error that was answered. */
  did: string;
  ms: number;
  /** Age of the oldest entry when it was pushed, in milliseconds. */
  lateMs?: number;
  /** Time slot whose departures were announced. */
  slot?: number;
  /** Counts that belong to it. */
  [count: `${string}Count`]: number;
  /** An unexpected error's name and stack; never its message, which may quote what a client sent. */
  error?: string;
}

export function log(line: LogLine): void {
  console.log(JSON.stringify(line));
}

/** An error's name and places, without its message: that may quote what a client sent. */
export function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const places = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [error.name, ...places.slice(0, 8)].join("\n");
}
