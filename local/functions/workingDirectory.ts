/**
 * Makes the archive the working directory of the code, as on Lambda. A thread can't have its own directory, so relative
 * paths are resolved when code passes them to `fs`.
 */
import { createRequire, syncBuiltinESMExports } from "node:module";
import { isAbsolute, join } from "node:path";

/** Functions of `fs` whose first argument is a path, and their synchronous variants. */
const PATH_FIRST =
  /^(access|appendFile|chmod|copyFile|cp|createReadStream|createWriteStream|exists|glob|link|lstat|mkdir|mkdtemp|open|openAsBlob|opendir|readdir|readFile|readlink|realpath|rename|rm|rmdir|stat|truncate|unlink|utimes|watch|watchFile|writeFile)(Sync)?$/;

const PATH_SECOND = /^(copyFile|cp|link|rename)(Sync)?$/;

type AnyFunction = (...args: unknown[]) => unknown;

export function workIn(folder: string): void {
  const fs = createRequire(process.execPath)("node:fs");
  const within = (path: unknown) => (typeof path === "string" && !isAbsolute(path) ? join(folder, path) : path);
  for (const module of [fs, fs.promises]) {
    const wrapped = Object.entries(module as Record<string, unknown>).flatMap(([name, original]) => {
      if (typeof original !== "function" || !PATH_FIRST.test(name)) return [];
      const wrapper = (...args: unknown[]) => {
        const paths = args.slice(0, PATH_SECOND.test(name) ? 2 : 1).map(within);
        return (original as AnyFunction).apply(module, [...paths, ...args.slice(paths.length)]);
      };
      return [[name, Object.assign(wrapper, original)]];
    });
    Object.assign(module, Object.fromEntries(wrapped));
  }
  syncBuiltinESMExports();
  process.cwd = () => folder;
}
