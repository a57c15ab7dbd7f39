import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { version as esbuildVersion } from "esbuild";
import folders from "../cache/folders.cjs";
import { hashOf, TextCache } from "../cache/textCache.cjs";
import type { Bundle, SerializedCallback } from "./bundler";

/** A stored bundle, with the content of all of its inputs. */
interface Entry {
  text: string;
  /**
   * Hashes by path from the program's folder: of a file's content, or of the names in a folder, whose path ends in `/`.
   */
  inputs: Record<string, string>;
}

/**
 * Stores bundles by the text of their callback. A stored bundle is used only if the content of each of its files is
 * unchanged, so `npm run size` and `pulumi up` get the same bytes with and without the cache.
 */
export class BundleCache {
  readonly #programFolder: string;
  readonly #texts = new TextCache(folders.BUNDLES);
  /** Callbacks share inputs, so each input is hashed only once. */
  readonly #hashes = new Map<string, string | undefined>();
  readonly #toolchain: string;

  constructor(programFolder: string) {
    this.#programFolder = programFolder;
    // A bundle also depends on the code of this folder and on the installed packages.
    const own = readdirSync(__dirname).sort();
    this.#toolchain = hashOf(
      esbuildVersion,
      process.version,
      ...own.map((name) => readFileSync(join(__dirname, name))),
      read(join(programFolder, "package-lock.json")),
    );
  }

  get(callback: SerializedCallback): Bundle | undefined {
    const stored = this.#texts.read(this.#keyOf(callback));
    if (stored === undefined) return undefined;
    const { text, inputs } = JSON.parse(stored) as Entry;
    if (!Object.entries(inputs).every(([path, hash]) => this.#hash(path) === hash)) return undefined;
    return { text, files: Object.keys(inputs).filter((path) => !path.endsWith("/")) };
  }

  put(callback: SerializedCallback, { text, files }: Bundle): void {
    const inputs: Entry["inputs"] = {};
    // A new file may take precedence over an imported one in the same folder, as `x.js` does over `x.ts`.
    const parents = files.filter((file) => !isInstalled(file)).map((file) => `${dirname(file)}/`);
    for (const path of [...files, ...new Set(parents)]) {
      const hash = this.#hash(path);
      // The file changed while it was being bundled.
      if (hash === undefined) return;
      inputs[path] = hash;
    }
    this.#texts.write(this.#keyOf(callback), JSON.stringify({ text, inputs } satisfies Entry));
  }

  #keyOf({ text, imports, folder }: SerializedCallback): string {
    return hashOf(this.#toolchain, this.#programFolder, folder, text, ...imports);
  }

  /** @returns undefined for an unreadable path */
  #hash(path: string): string | undefined {
    if (!this.#hashes.has(path)) this.#hashes.set(path, hashOfInput(join(this.#programFolder, path), path));
    return this.#hashes.get(path);
  }
}

function hashOfInput(absolute: string, path: string): string | undefined {
  try {
    return path.endsWith("/") ? hashOf(...readdirSync(absolute).sort()) : hashOf(readFileSync(absolute));
  } catch {
    return undefined;
  }
}

function isInstalled(path: string): boolean {
  return path.split(sep).includes("node_modules");
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
