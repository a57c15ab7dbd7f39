/** Structured log lines. What a line may hold is listed here; message text, tokens and addresses have no place in it. */
export interface LogLine {
  route: string;
  connectionId: string;
  requestId: string;
  /** What was done, such as `stored` or the code of the error that was answered. */
  did: string;
  ms: number;
  /** Counts that belong to it. */
  [count: `${string}Count`]: number;
  /** An unexpected error's name and stack; never its message, which may quote what a client sent. */
  error?: string;
}

export function log(line: LogLine): void {
  console.log(JSON.stringify(line));
}
