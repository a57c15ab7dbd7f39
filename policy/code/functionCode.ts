/** The known source texts of a function. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Longer text isn't the source of one function. */
const MAX_BYTES = 20_000_000;

/** @returns undefined for other languages and for code that isn't here: in a bucket, an image or a zip file */
export function codeOf({ code, runtime, packageType }: Record<string, unknown>): string[] | undefined {
  if (packageType === "Image" || (typeof runtime === "string" && !runtime.startsWith("nodejs"))) return undefined;
  const texts = textsOf(code);
  return texts.length === 0 ? undefined : texts;
}

/** Texts of an asset or archive in Pulumi's form: nested `assets`, a `text`, or the `path` of a file or folder. */
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
  if (status.isFile()) return isScript(path) && status.size <= MAX_BYTES ? [readFileSync(path, "utf8")] : [];
  // Bundled packages are the SDK, or make no AWS calls.
  const files = readdirSync(path, { withFileTypes: true }).filter(({ name }) => name !== "node_modules");
  return files.flatMap((file) => (file.isDirectory() || isScript(file.name) ? textsAt(join(path, file.name)) : []));
}

function isScript(file: string): boolean {
  return /\.[cm]?js$/.test(file);
}
