/** A command in its own process, as a user starts it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const started: Command[] = [];

/** Ends every command that is still running. */
export function endCommands(): void {
  for (const { process } of started) process.kill("SIGKILL");
}

/** A running command and its output so far. */
export class Command {
  readonly process: ChildProcessWithoutNullStreams;
  stdout = "";
  stderr = "";
  readonly ended: Promise<number | null>;
  readonly #waiting = new Set<() => void>();

  constructor(file: string, args: string[], variables: Record<string, string> = {}) {
    // The command's streams aren't terminals; the test runner's own FORCE_COLOR must not make it use colors.
    const { FORCE_COLOR: _, ...env } = process.env;
    this.process = spawn(file, args, { cwd: ROOT, env: { ...env, ...variables } });
    this.process.stdout.setEncoding("utf8").on("data", (text) => {
      this.stdout += text;
      for (const look of this.#waiting) look();
    });
    this.process.stderr.setEncoding("utf8").on("data", (text) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => this.process.once("close", resolve));
    started.push(this);
  }

  /** Resolves when the output matches. @throws Error if the command ends, or these seconds pass, before that */
  prints(pattern: RegExp, seconds = 10): Promise<void> {
    return this.until(String(pattern), () => pattern.test(this.stdout), seconds);
  }

  /** Resolves when `accept` returns true. @throws Error if the command ends, or these seconds pass, before that */
  until(what: string, accept: () => boolean, seconds = 10): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const fail = (why: string) => finish(new Error(`${why} without ${what}:\n${this.stdout}\n${this.stderr}`));
      const look = () => {
        if (accept()) finish();
      };
      const timer = setTimeout(() => fail(`${seconds} s went by`), seconds * 1000);
      void this.ended.then(() => fail("it ended"));
      this.#waiting.add(look);
      look();
    });
  }
}
