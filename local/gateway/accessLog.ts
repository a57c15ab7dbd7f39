import type { RequestContext } from "./events.ts";

/** What `$context` knows beside the event's own request context. */
export interface LogValues {
  status: number;
  integrationLatency?: number;
  integrationErrorMessage?: string;
  error?: { message: string };
}

/** Fills an access-log format; a variable without a value shows as `-`. */
export function accessLogLine(format: string, context: RequestContext, values: LogValues): string {
  const known: Record<string, unknown> = { ...context, ...values };
  return format.replace(/\$context\.([A-Za-z0-9_.]+)/g, (_, path: string) => {
    let value: unknown = known;
    for (const key of path.split(".")) value = (value as Record<string, unknown> | undefined)?.[key];
    return value === undefined ? "-" : String(value);
  });
}
