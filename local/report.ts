/** Output of the local cloud: lines for people, or JSON lines for programs. */
import { stripVTControlCharacters, styleText } from "node:util";

export type Report =
  | { event: "step"; what: string; ms: number }
  | { event: "progress"; resources: number; functions: number }
  /** `aws`: environment variables that make the AWS CLI and every SDK act as an administrator of the local account. */
  | { event: "ready"; outputs: Record<string, unknown>; page?: string; aws?: Record<string, string>; ms: number }
  /** Saved files, by path relative to the program's folder. */
  | { event: "changed"; files: string[] }
  /** Names of functions that run new code, or of resources that were added (+), changed (~) or removed (-). */
  | { event: "reloaded"; what: string[]; ms: number }
  /** A change waits for a key press because data would be lost. `keys` is false without a terminal. */
  | { event: "confirm"; losses: string[]; keys: boolean }
  | { event: "warning"; message: string }
  | { event: "error"; message: string }
  | { event: "program"; line: string }
  | { event: "connected"; connectionId: string; ms: number }
  | { event: "refused"; status: number; why: string }
  | { event: "disconnected"; connectionId: string; code: number; reason: string }
  | { event: "message"; connectionId: string; route: string; bytes: number; ms: number }
  | { event: "denied"; caller: string; action: string; resource: string; why: string; fix: unknown; notes: string[] }
  | { event: "waiting"; function: string; invocations: number; why: string }
  | {
      event: "failure";
      function: string;
      errorType: string;
      errorMessage: string;
      /** The function's route, if a frame or an HTTP request invoked it. */
      route?: string;
      requestId?: string;
      /** Stack frames of the function's own code. */
      trace?: string[];
      /** The function's last lines of output. */
      printed?: string[];
    }
  | { event: "deadLetter"; queue: string; function: string; requestId: string; error: string }
  | { event: "log"; group: string; line: string }
  | { event: "stopped" };

export type Reporter = (report: Report) => void;

/** Writes one JSON line for each event, in chronological order. */
export function jsonReporter(out: NodeJS.WritableStream): Reporter {
  return (report) => {
    out.write(`${JSON.stringify({ ...withoutColors(report), at: new Date().toISOString() })}\n`);
  };
}

/**
 * Writes human-readable lines, with colors if the stream is a terminal that supports them.
 *
 * @param options.logs whether to write what functions log. @default false
 */
export function peopleReporter(out: NodeJS.WritableStream, { logs = false }: { logs?: boolean } = {}): Reporter {
  const isTerminal = (out as Partial<NodeJS.WriteStream>).isTTY === true;
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    isTerminal ? styleText(format, text, { stream: out }) : text;
  let progress = false;
  return (report) => {
    if (report.event === "log" && !logs) return;
    const line = lineOf(isTerminal ? report : withoutColors(report));
    if (line === undefined) return;
    const { label, text } = line;
    // On a terminal, the next line replaces the progress line.
    if (progress) out.write("\r\x1b[K");
    progress = isTerminal && report.event === "progress";
    out.write(`${paint(COLORS[report.event] ?? "bold", label.padEnd(10))} ${text}${progress ? "" : "\n"}`);
  };
}

/** Removes colors that a program writes although its output isn't a terminal. */
function withoutColors(report: Report): Report {
  if (report.event === "error") return { ...report, message: stripVTControlCharacters(report.message) };
  if (report.event === "program" || report.event === "log")
    return { ...report, line: stripVTControlCharacters(report.line) };
  return report;
}

const COLORS: Partial<Record<Report["event"], Parameters<typeof styleText>[0]>> = {
  ready: "green",
  reloaded: "green",
  confirm: "yellow",
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
    case "progress":
      return { label: "", text: `${report.resources} resources registered, ${report.functions} functions bundled` };
    case "ready":
      return {
        label,
        text: [
          `in ${report.ms} ms`,
          ...(report.page === undefined ? [] : [`page: ${report.page}`]),
          ...Object.entries(report.outputs).map(([name, value]) => `${name}: ${shownOutput(value)}`),
          ...(report.aws === undefined ? [] : [`for the AWS CLI and SDKs: ${shownVariables(report.aws)}`]),
        ].join("\n           "),
      };
    case "changed":
      return { label, text: report.files.join(", ") };
    case "reloaded":
      return { label, text: `${shownChanges(report.what)} (${report.ms} ms)` };
    case "confirm":
      return {
        label,
        text: `this change deletes ${report.losses.join(", ")}: ${report.keys ? "press y to apply it, n to keep the previous version" : "restart to apply it; the previous version keeps running"}`,
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
      return { label, text: failureText(report) };
    case "deadLetter":
      return {
        label,
        text: `${report.function} gave up on event ${report.requestId}, which is now in ${report.queue}: ${report.error}`,
      };
    case "stopped":
      return { label, text: "everything is closed" };
    case "log":
      return LAMBDAS_OWN.test(report.line) ? undefined : { label, text: loggedText(report) };
  }
}

/** Lines that Lambda writes for each invocation. */
const LAMBDAS_OWN = /^(INIT_START |(START|END|REPORT) RequestId: )/;

/** A line as the runtime formats what code logs: time, request id, level, text. */
const LOGGED = /^[\d-]+T[\d:.]+Z\t[^\t]*\t([A-Z]+)\t(.*)$/s;

function loggedText({ group, line }: Extract<Report, { event: "log" }>): string {
  const [, level, text] = LOGGED.exec(line) ?? [];
  const name = group.replace(/^\/aws\/lambda\//, "");
  const shown = text === undefined ? line : `${level === "INFO" ? "" : `${level} `}${text}`;
  return `${name}: ${shown.trimEnd().replaceAll("\n", "\n           ")}`;
}

function failureText(failure: Extract<Report, { event: "failure" }>): string {
  const { route, requestId, trace = [], printed = [] } = failure;
  const where = [...(route === undefined ? [] : [`route ${route}`]), ...(requestId === undefined ? [] : [requestId])];
  return [
    `${failure.function}: ${failure.errorType}: ${failure.errorMessage}${where.length > 0 ? ` (${where.join(", ")})` : ""}`,
    ...trace,
    ...printed.map((line) => `| ${line.replaceAll("\n", "\n           | ")}`),
  ].join("\n           ");
}

/** Maximum number of changes that are named; the others are only counted. */
const MAX_CHANGES_SHOWN = 8;

function shownChanges(what: string[]): string {
  if (what.length === 0) return "nothing has changed";
  const more = what.length - MAX_CHANGES_SHOWN;
  return `${what.slice(0, MAX_CHANGES_SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function shownVariables(variables: Record<string, string>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function shownOutput(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
