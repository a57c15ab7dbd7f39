import { dirname, isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { getFunctionLocationAsync } from "@pulumi/pulumi/runtime/closure/v8.js";
import type { AnyFunction } from "./captures";

/**
 * Finds the folder of the file that contains a callback, because the callback's relative imports start there.
 *
 * @returns its path relative to the program's folder, separated by `/`; "" for that folder itself
 */
export async function sourceFolderOf(callback: AnyFunction): Promise<string> {
  const { file } = await getFunctionLocationAsync(callback);
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  return isAbsolute(path) ? relative(process.cwd(), dirname(path)).split(sep).join("/") : "";
}
