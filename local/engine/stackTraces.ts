/**
 * Pulumi captures a stack trace for each promise and each resource, in case one has to be shown, and ts-node maps every
 * frame to its source line: 17,000 traces took a third of the chat's startup time. Traces that only Pulumi reads stay
 * empty here; traces of errors are mapped as usual.
 */

type Prepare = NonNullable<typeof Error.prepareStackTrace>;

/** Pulumi's module that captures a resource's source location, for engines that use it. */
const NOTES_SOURCE = /[\\/]@pulumi[\\/]pulumi[\\/]resource\.js$/;

/**
 * Wraps any `Error.prepareStackTrace` that is installed later.
 *
 * @param beforeMapping runs each time, before a trace is mapped
 */
export function mapShownStackTraces(beforeMapping: () => void): void {
  let installed: Prepare | undefined;
  const prepare: Prepare = (error, frames) => {
    if (frames.length === 0) return String(error);
    if (error.message === "" && NOTES_SOURCE.test(frames[0]?.getFileName() ?? "")) return "Error";
    if (installed === undefined) return [String(error), ...frames.map((frame) => `    at ${frame}`)].join("\n");
    beforeMapping();
    return installed(error, frames);
  };
  Object.defineProperty(Error, "prepareStackTrace", {
    configurable: true,
    get: () => prepare,
    set: (next: Prepare | undefined) => {
      installed = next;
    },
  });
}

/**
 * Skips the traces of promises, which Pulumi uses only to report promises that never settle, unless Pulumi's variable
 * `PULUMI_DEBUG_PROMISE_LEAKS` is set.
 */
export function keepPromisesWithoutTraces(requireByPulumi: NodeJS.Require): void {
  if (process.env.PULUMI_DEBUG_PROMISE_LEAKS !== undefined) return;
  const debuggable = requireByPulumi("./runtime/debuggable.js");
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise: Promise<unknown>, context: unknown) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}
