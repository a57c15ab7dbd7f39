/** Number of frames and handshakes, by outcome. */
export type Tally = Record<string, number>;

export function count(tally: Tally, outcome: string): void {
  tally[outcome] = (tally[outcome] ?? 0) + 1;
}

/** Names an outcome, such as `RATE_LIMITED (you are sending too fast)`. */
export function toOutcome({ type, code, message }: { type?: string; code?: string; message?: string }): string {
  if (type === "error") return `${code} (${message?.split(":")[0]})`;
  return type ?? `gateway (${message})`;
}
