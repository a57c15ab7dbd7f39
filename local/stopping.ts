/** Ways to stop the local cloud: signals, and the end of the process that started it. */

/**
 * Interval between checks whether the parent process still runs: `npm start` runs this process in a shell, which
 * doesn't forward SIGTERM.
 */
const LOOK_FOR_PARENT_MS = 250;

/**
 * @param stop runs once, on the first stop signal; the process then exits with 0
 * @returns a function that requests the stop
 */
export function stopWhenAsked(stop: () => Promise<void>): () => void {
  let stopping = false;
  const once = async () => {
    if (stopping) return;
    stopping = true;
    await stop();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, once);
  // In `npm start | tee log`, `tee` may end first. Later output is lost, but $disconnect still runs.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", once);
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined) {
    setInterval(() => {
      if (process.ppid !== parent) void once();
    }, LOOK_FOR_PARENT_MS).unref();
  }
  return () => void once();
}
