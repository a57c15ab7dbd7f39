/** Reads the logs of functions from what the local cloud reports. */
import type { LocalCloud } from "../localCloud.ts";

/** A line in Lambda's text format: four fields separated by tabs. */
export interface LogEntry {
  time: string;
  requestId: string;
  level: string;
  message: string;
}

/** The lines of a function's log so far. */
export function logLinesOf(cloud: LocalCloud, functionName: string): string[] {
  const group = `/aws/lambda/${functionName}`;
  return cloud.reports.filter((report) => report.event === "log").flatMap((r) => (r.group === group ? [r.line] : []));
}

/** A line's fields; undefined for a line that Lambda itself wrote. */
export function logEntryOf(line: string): LogEntry | undefined {
  const [time, requestId, level, ...message] = line.split("\t");
  if (time === undefined || requestId === undefined || level === undefined || message.length === 0) return undefined;
  return { time, requestId, level, message: message.join("\t") };
}

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of it
type Logged = any;

/** Resolves with the first JSON object in a function's log, past or future, that the test accepts. */
export async function loggedObject(
  cloud: LocalCloud,
  functionName: string,
  accept: (logged: Logged) => boolean,
): Promise<Logged> {
  const group = `/aws/lambda/${functionName}`;
  const report = await cloud.waitFor("log", ({ group: its, line }) => its === group && accept(objectOf(line)));
  return objectOf(report.line);
}

function objectOf(line: string): Logged {
  const message = logEntryOf(line)?.message ?? "";
  return message.startsWith("{") ? JSON.parse(message) : {};
}
