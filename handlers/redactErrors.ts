import { log, traceOf } from "./log";

/**
 * Replaces the errors of a function: Lambda logs an error's message, and a service's message may quote what a client
 * sent.
 *
 * @throws Error that says only which function failed; a separate log line says where
 */
export function redactErrors<Event, Result>(
  route: string,
  run: (event: Event) => Promise<Result>,
): (event: Event) => Promise<Result> {
  return async (event) => {
    const started = performance.now();
    try {
      return await run(event);
    } catch (error) {
      log({ route, did: "INTERNAL", ms: Math.round(performance.now() - started), error: traceOf(error) });
      throw new Error(`${route} failed: the log line before this one says where`);
    }
  };
}
