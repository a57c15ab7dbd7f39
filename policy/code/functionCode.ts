/** Reads a function's source code from Pulumi's assets and archives: strings, files, folders and .zip files. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { isUnknown } from "../resources/unknown.ts";

/** Maximum size of code: a longer text isn't the source of a single function. */
const MAX_BYTES = 20_000_000;

/** Reason why code can't be read. */
class Unread extends Error {}

/** @returns undefined for code that can't be read ({@link unreadCode} says why), and for a function without code */
export function codeOf(props: Record<string, unknown>): string[] | undefined {
  try {
    return readCode(props);
  } catch (error) {
    if (error instanceof Unread) return undefined;
    throw error;
  }
}

/** The reason why the code of a function can't be read; undefined if it can. */
export function unreadCode(props: Record<string, unknown>): string | undefined {
  try {
    readCode(props);
    return undefined;
  } catch (error) {
    if (error instanceof Unread) return error.message;
    throw error;
  }
}

/**
 * @returns undefined for a function that is described without code
 * @throws Unread as soon as a part can't be read, because that part may call what the others don't
 */
function readCode({ code, runtime, packageType, s3Bucket }: Record<string, unknown>): string[] | undefined {
  if (packageType === "Image") throw new Unread("it is a container image");
  if (typeof runtime === "string" && !runtime.startsWith("nodejs"))
    throw new Unread(`its runtime is ${runtime}, and only JavaScript is read`);
  if (isUnknown(code)) throw new Unread("it isn't known before the update");
  if (s3Bucket !== undefined) throw new Unread("it is in a bucket");
  if (typeof code !== "object" || code === null) return undefined;
  const texts = textsOf(code, "");
  if (texts.length === 0) throw new Unread("it has no JavaScript file");
  return texts;
}

/** @param name path in the archive; empty for the archive itself */
function textsOf(asset: unknown, name: string): string[] {
  if (typeof asset !== "object" || asset === null || isInstalled(name)) return [];
  const { assets, text, path, uri } = asset as { assets?: object; text?: unknown; path?: unknown; uri?: unknown };
  if (assets !== undefined)
    return Object.entries(assets).flatMap(([file, inner]) => textsOf(inner, name === "" ? file : `${name}/${file}`));
  if (typeof text === "string") return name === "" || isScript(name) ? [text] : [];
  if (typeof uri === "string") throw new Unread(`the engine fetches it from ${uri}`);
  return typeof path === "string" ? textsAt(path, name) : [];
}

function textsAt(path: string, name: string): string[] {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new Unread(`there is no ${path}: run Pulumi in the program's folder`);
  if (status.isDirectory()) return textsIn(path);
  if (isScript(name)) return [textOf(path, status.size)];
  // An asset with another extension is a file that the code may read.
  if (/\.[a-z]+$/i.test(name)) return [];
  if (!path.endsWith(".zip")) throw new Unread(`${path} is neither a folder nor a .zip file`);
  return textsInZip(path, status.size);
}

function textsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (isInstalled(entry.name)) return [];
    // Links are followed, as when Pulumi creates an archive.
    const status = statSync(path, { throwIfNoEntry: false });
    if (status?.isDirectory()) return textsIn(path);
    return status?.isFile() && isScript(entry.name) ? [textOf(path, status.size)] : [];
  });
}

function textOf(path: string, bytes: number): string {
  refuseLong(path, bytes);
  return readFileSync(path, "utf8");
}

function textsInZip(path: string, bytes: number): string[] {
  refuseLong(path, bytes);
  try {
    const files = unzipSync(readFileSync(path), {
      filter: ({ name, originalSize }) => {
        if (isInstalled(name) || !isScript(name)) return false;
        refuseLong(`${name} in ${path}`, originalSize);
        return true;
      },
    });
    return Object.values(files).map((file) => Buffer.from(file).toString("utf8"));
  } catch (error) {
    if (error instanceof Unread) throw error;
    throw new Unread(`${path} isn't a .zip file that can be read`);
  }
}

function refuseLong(path: string, bytes: number): void {
  if (bytes > MAX_BYTES) throw new Unread(`${path} has ${bytes} bytes, and at most ${MAX_BYTES} are read`);
}

/**
 * Whether a path is in an installed package. The code of such packages isn't read, so code that imports one other than
 * the SDK counts as incomplete (`isPartial` in sdkCalls.ts).
 */
function isInstalled(path: string): boolean {
  return path.split("/").includes("node_modules");
}

function isScript(file: string): boolean {
  return /\.[cm]?js$/.test(file);
}
