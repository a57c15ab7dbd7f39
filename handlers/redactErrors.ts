import { log, traceOf } from "./log";

/**
 * Has a function fail without the words of others: Lambda writes an error's message into the log, and a service's may
 * quote what a client sent.
 *
 * @throws Error that says only which function failed; where it did stands in a log line of its own
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
