/** The folder of `--data`: created if it doesn't exist, and used by one local cloud at a time. */
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../stack/usageError.ts";

/**
 * Locks the folder until the process exits.
 *
 * @returns its absolute path
 * @throws UsageError saying why the folder can't be used, or which process uses it
 */
export function lockDataFolder(folder: string): string {
  if (folder === "") throw new UsageError('--data is "": the name of a folder is expected');
  const path = resolve(folder);
  const lock = join(path, "lock");
  try {
    makeFolder(path);
    accessSync(path, constants.W_OK);
    lockBy(lock, folder);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { message } = error as Error;
    throw new UsageError(`the folder "${folder}" can't be used for --data: ${message}; choose another one`);
  }
  process.once("exit", () => rmSync(lock, { force: true }));
  return path;
}

/**
 * Creates one level at a time: Node's recursive variant never returns where no folder can be created, as in `/proc`.
 */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path || exists(dirname(path))) throw error;
    makeFolder(dirname(path));
    mkdirSync(path);
  }
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

function lockBy(lock: string, folder: string): void {
  try {
    writeFileSync(lock, `${process.pid}`, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const owner = Number(readFileSync(lock, "utf8"));
    if (owner > 0 && owner !== process.pid && isRunning(owner)) {
      throw new UsageError(
        `the folder "${folder}" is in use by another local cloud, process ${owner}: stop it, or choose another ` +
          `folder with --data (if process ${owner} is something else, delete ${lock})`,
      );
    }
    writeFileSync(lock, `${process.pid}`);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
