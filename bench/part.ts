/** Parts of a benchmark in processes of their own: load is not to slow the clock that it is measured by. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** Runs a file once more, with the name of a part as its argument. */
export function startPart(file: string, part: string): ChildProcess {
  return fork(file, [part], { execArgv: ["--disable-warning=ExperimentalWarning"] });
}

/** Says something to a part and takes the next thing that it says. @throws AbortError when the part ends before */
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
