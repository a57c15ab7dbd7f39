import { dirname, isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { getFunctionLocationAsync } from "@pulumi/pulumi/runtime/closure/v8.js";
import type { AnyFunction } from "./captures";

/**
 * The folder of the file in which a callback is written, where its relative imports start.
 *
 * @returns its path from the program's folder, with `/` between its parts; "" for that folder itself
 */
export async function sourceFolderOf(callback: AnyFunction): Promise<string> {
  const { file } = await getFunctionLocationAsync(callback);
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  return isAbsolute(path) ? relative(process.cwd(), dirname(path)).split(sep).join("/") : "";
}
