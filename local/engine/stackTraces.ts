/**
 * Pulumi captures a stack trace for each promise and each resource, in case one has to be shown. ts-node maps every frame
 * to its source line, which took a fifth of a start. Traces that only Pulumi reads therefore stay empty here; those of
 * errors are mapped as usual.
 */

type Prepare = NonNullable<typeof Error.prepareStackTrace>;

/** Frames at the top of a trace that no person reads: `debuggablePromise`, and where a resource was registered. */
const UNREAD = /[\\/]@pulumi[\\/]pulumi[\\/](runtime[\\/]debuggable|resource)\.js$/;

/**
 * Takes over `Error.prepareStackTrace` from those who install one later.
 *
 * @param beforeMapping runs before each trace that is mapped
 */
export function mapShownStackTraces(beforeMapping: () => void): void {
  // This variable asks Pulumi to print the traces of its promises.
  const allShown = process.env.PULUMI_DEBUG_PROMISE_LEAKS !== undefined;
  let installed: Prepare | undefined;
  const prepare: Prepare = (error, frames) => {
    const unread = !allShown && error.message === "" && UNREAD.test(frames[0]?.getFileName() ?? "");
    if (unread) return "Error";
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
