/** Runs parts of a benchmark in their own processes, so that the load doesn't slow down the measurement. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** Runs this file again, with the name of a part as its argument. */
export function startPart(file: string, part: string): ChildProcess {
  return fork(file, [part], { execArgv: ["--disable-warning=ExperimentalWarning"] });
}

/**
 * Sends a message to a part, waits for its next message and returns it.
 *
 * @throws AbortError if the part ends before that
 */
export async function ask(child: ChildProcess, what: object | string): Promise<unknown> {
  const ended = new AbortController();
  const end = () => ended.abort(new Error(`the process of the ${child.spawnargs.at(-1)} has ended`));
  child.once("exit", end);
  const answer = once(child, "message", { signal: ended.signal });
  child.send(what);
  const [answered] = await answer;
  child.off("exit", end);
  return answered;
}
