/** Durations as people write them: `90m`, `48h`, `7d`. */

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns milliseconds; undefined for anything but a positive whole number of minutes, hours or days */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** Formats a duration in the largest unit that it contains at least twice, rounded down: `47h`, `3d`. */
export function formatDuration(ms: number): string {
  const unit = (["d", "h"] as const).find((unit) => ms >= 2 * UNIT_MS[unit]) ?? "m";
  return `${Math.floor(ms / UNIT_MS[unit])}${unit}`;
}
