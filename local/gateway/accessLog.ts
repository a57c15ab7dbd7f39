import type { GatewayBackend } from "./backend.ts";
import type { Stage } from "./definition.ts";
import type { GatewayEvent, RequestContext } from "./events.ts";

/** Variables of `$context` that the event's own request context doesn't have. */
export interface LogValues {
  status: number;
  integrationLatency?: number;
  integrationErrorMessage?: string;
  error?: { message: string };
}

/** Writes a line to the stage's access log, if it has one. */
export function logAccess(
  { report }: GatewayBackend,
  { accessLog }: Stage,
  { requestContext }: GatewayEvent,
  values: LogValues,
): void {
  if (accessLog === undefined) return;
  report({ event: "log", group: accessLog.group, line: accessLogLine(accessLog.format, requestContext, values) });
}

/** Fills in an access log format; a variable without a value becomes `-`. */
function accessLogLine(format: string, context: RequestContext, values: LogValues): string {
  const known: Record<string, unknown> = { ...context, ...values };
  return format.replace(/\$context\.([A-Za-z0-9_.]+)/g, (_, path: string) => {
    let value: unknown = known;
    for (const key of path.split(".")) {
      const values = Object(value) as Record<string, unknown>;
      value = Object.hasOwn(values, key) ? values[key] : undefined;
    }
    return value === undefined ? "-" : String(value);
  });
}
