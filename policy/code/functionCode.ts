/** The texts of a function's code, where they can be read. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** More is no source that one function has. */
const MOST_BYTES = 20_000_000;

/** @returns undefined for what is not JavaScript, or not here: in a bucket, an image, a zip */
export function codeOf({ code, runtime, packageType }: Record<string, unknown>): string[] | undefined {
  if (packageType === "Image" || (typeof runtime === "string" && !runtime.startsWith("nodejs"))) return undefined;
  const texts = textsOf(code);
  return texts.length === 0 ? undefined : texts;
}

/** Of an asset or archive as Pulumi has it: with `assets` within, a `text`, or a `path` of a file or folder. */
function textsOf(asset: unknown, name = "index.js"): string[] {
  if (typeof asset !== "object" || asset === null) return [];
  const { assets, text, path } = asset as { assets?: object; text?: unknown; path?: unknown };
  if (assets !== undefined) return Object.entries(assets).flatMap(([file, inner]) => textsOf(inner, file));
  if (!isScript(name) && typeof path !== "string") return [];
  if (typeof text === "string") return isScript(name) ? [text] : [];
  return typeof path === "string" && existsSync(path) ? textsAt(path) : [];
}

function textsAt(path: string): string[] {
  const status = statSync(path);
  if (status.isFile()) return isScript(path) && status.size <= MOST_BYTES ? [readFileSync(path, "utf8")] : [];
  // Packages within are the SDK, or call nothing by themselves.
  const files = readdirSync(path, { withFileTypes: true }).filter(({ name }) => name !== "node_modules");
  return files.flatMap((file) => (file.isDirectory() || isScript(file.name) ? textsAt(join(path, file.name)) : []));
}

function isScript(file: string): boolean {
  return /\.[cm]?js$/.test(file);
}
