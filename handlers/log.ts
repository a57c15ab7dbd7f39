/**
 * Structured log lines. This file lists everything that a line may contain; message text, tokens and addresses must
 * never appear.
 */
export interface LogLine {
  route: string;
  /** The connection whose frame is handled; undefined in functions that no frame starts. */
  connectionId?: string;
  requestId?: string;
  /** The outcome, such as `stored` or the error code in the answer. */
  did: string;
  ms: number;
  /** Age of the oldest entry when it was pushed, in milliseconds. */
  lateMs?: number;
  /** Time slot whose departures were announced. */
  slot?: number;
  /** Counts that belong to the outcome. */
  [count: `${string}Count`]: number;
  /** An unexpected error's name and stack; never its message, which may quote what a client sent. */
  error?: string;
}

export function log(line: LogLine): void {
  console.log(JSON.stringify(line));
}

/** An error's name and stack frames, without its message, which may quote what a client sent. */
export function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const places = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [error.name, ...places.slice(0, 8)].join("\n");
}
