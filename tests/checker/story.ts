/** Formats a history for people. */
import type { Frame, Timed } from "./history.ts";

/** Kinds of happenings whose lines would only repeat another line. */
const SILENT = new Set([
  "learned",
  "handed out",
  "stored",
  "member",
  "appeared",
  "members read",
  "people read",
  "returned",
  "acknowledged",
  "state",
]);

/** Frames and functions that are seldom of interest. */
const ASIDE = new Set(["ping", "pong", "presence"]);

/** @param isWhole whether to include lines that are seldom of interest */
export function story(happenings: Timed[], isWhole: boolean): string[] {
  const aside = new Set<string>();
  const lines: string[] = [];
  let isSettled = false;
  for (const happening of happenings) {
    if (happening.kind === "phase" && happening.phase === "settled") isSettled = true;
    if (!isWhole) {
      // The probe at the end is the same in every run.
      if (isSettled && !["phase", "entries", "called", "acknowledged"].includes(happening.kind)) continue;
      if (SILENT.has(happening.kind)) continue;
      if ("frame" in happening && ASIDE.has(happening.frame?.action ?? happening.frame?.type)) {
        if (happening.kind === "invoked") aside.add(happening.invocation);
        continue;
      }
      if ("invocation" in happening && aside.has(happening.invocation)) continue;
    }
    lines.push(`${(happening.at / 1000).toFixed(3).padStart(9)} s  ${lineOf(happening)}`);
  }
  return lines;
}

function lineOf(happening: Timed): string {
  switch (happening.kind) {
    case "frame out":
      return `${happening.connection} → ${shown(happening.frame)}`;
    case "frame in":
      return `${happening.connection} ← ${shown(happening.frame)}`;
    case "connection":
      return `${happening.connection} is ${happening.state}`;
    case "invoked":
      return `  ${happening.invocation} starts${happening.connection === undefined ? "" : ` for ${happening.connection}`}`;
    case "call":
      return `  ${happening.invocation}: ${happening.call}: ${happening.effect}`;
    case "post":
      return `  ${happening.invocation}: posts to ${happening.connection} ${shown(happening.frame)}`;
    case "failed":
      return `  ${happening.invocation} fails: ${happening.why}`;
    case "fault":
      return `! ${happening.fault}: ${happening.where}`;
    case "phase":
      return `── ${happening.phase} ──`;
    case "called":
      return `${happening.client} sends ${happening.id} to ${happening.room}`;
    case "entries":
      return `${happening.view} shows ${happening.entries.map(({ seq, id }) => `${seq} (${id})`).join(", ")}`;
    case "did":
      return `${happening.client} ${happening.what}`;
    default: {
      const { kind, at: _, ...rest } = happening;
      return `${kind} ${Object.values(rest)
        .map((value) => (typeof value === "object" ? shown(value) : value))
        .join(" ")}`;
    }
  }
}

function shown(frame: Frame): string {
  const text = JSON.stringify(frame, (_, value) =>
    typeof value === "string" && value.length > 40 ? `${value.slice(0, 40)}…` : value,
  );
  return text.length > 220 ? `${text.slice(0, 220)}…` : text;
}
