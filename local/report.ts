/** What the local cloud tells: lines for people, or JSON lines for programs. */
import { styleText } from "node:util";

export type Report =
  | { event: "step"; what: string; ms: number }
  | { event: "ready"; outputs: Record<string, unknown>; ms: number }
  | { event: "warning"; message: string }
  | { event: "error"; message: string }
  | { event: "program"; line: string }
  | { event: "connected"; connectionId: string; ms: number }
  | { event: "refused"; status: number; why: string }
  | { event: "disconnected"; connectionId: string; code: number; reason: string }
  | { event: "message"; connectionId: string; route: string; bytes: number; ms: number }
  | { event: "denied"; caller: string; action: string; resource: string; why: string; fix: unknown; notes: string[] }
  | { event: "waiting"; function: string; invocations: number; why: string }
  | { event: "failure"; function: string; errorType: string; errorMessage: string }
  | { event: "deadLetter"; queue: string; function: string; requestId: string; error: string }
  | { event: "log"; group: string; line: string }
  | { event: "stopped" };

export type Reporter = (report: Report) => void;

/**
 * One JSON line for each event. The first is `ready`, so that a program has to read no further to begin; what was said
 * before follows it, or comes by itself when the process ends without ever being ready.
 */
export function jsonReporter(out: NodeJS.WritableStream): Reporter {
  let held: string[] | undefined = [];
  const release = () => {
    for (const line of held ?? []) out.write(line);
    held = undefined;
  };
  process.once("exit", release);
  return (report) => {
    const line = `${JSON.stringify({ ...report, at: new Date().toISOString() })}\n`;
    if (held !== undefined && report.event !== "ready") {
      held.push(line);
      return;
    }
    out.write(line);
    release();
  };
}

/** Lines to read, with colours where the stream is a terminal that wants them. */
export function peopleReporter(out: NodeJS.WritableStream): Reporter {
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream: out, validateStream: true });
  const write = (label: string, text: string) => out.write(`${paint("bold", label.padEnd(10))} ${text}\n`);
  return (report) => {
    const line = lineOf(report);
    if (line === undefined) return;
    const colour = COLOURS[report.event];
    write(colour === undefined ? line.label : paint(colour, line.label.padEnd(10)), line.text);
  };
}

const COLOURS: Partial<Record<Report["event"], Parameters<typeof styleText>[0]>> = {
  ready: "green",
  warning: "yellow",
  waiting: "yellow",
  refused: "yellow",
  denied: "red",
  error: "red",
  failure: "red",
  deadLetter: "red",
};

function lineOf(report: Report): { label: string; text: string } | undefined {
  const label = report.event;
  switch (report.event) {
    case "step":
      return { label: "", text: `${report.what} (${report.ms} ms)` };
    case "ready":
      return {
        label,
        text: [
          `in ${report.ms} ms`,
          ...Object.entries(report.outputs).map(([name, value]) => `${name}: ${shownOutput(value)}`),
        ].join("\n           "),
      };
    case "warning":
    case "error":
      return { label, text: report.message };
    case "program":
      return { label, text: report.line };
    case "connected":
      return { label, text: `${report.connectionId} (${report.ms} ms)` };
    case "refused":
      return { label, text: `a connection, with ${report.status}: ${report.why}` };
    case "disconnected":
      return { label: "closed", text: `${report.connectionId} with ${report.code} ${report.reason}` };
    case "message":
      return { label, text: `${report.connectionId} ${report.route}, ${report.bytes} bytes (${report.ms} ms)` };
    case "denied":
      return {
        label,
        text: [
          `${report.action} on ${report.resource}`,
          `for ${report.caller}: ${report.why}`,
          ...report.notes,
          `what is missing: ${JSON.stringify(report.fix)}`,
        ].join("\n           "),
      };
    case "waiting":
      return { label, text: `${report.invocations} invocations of ${report.function}: ${report.why}` };
    case "failure":
      return { label, text: `${report.function}: ${report.errorType}: ${report.errorMessage}` };
    case "deadLetter":
      return {
        label,
        text: `${report.function} gave up event ${report.requestId}, now in ${report.queue}: ${report.error}`,
      };
    case "stopped":
      return { label, text: "everything is closed" };
    case "log":
      return undefined;
  }
}

function shownOutput(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
