import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** An existing resource, as other resources see it. */
export interface Existing {
  type: string;
  /** Its id, prefixed by the scope in which the id is unique. */
  key: string;
  /** Values that other resources may refer to it by: id, name and ARN. */
  names: string[];
  /** Names by which it refers to other resources, keyed by the path of the input. */
  refersTo: Record<string, string>;
}

/**
 * The account that the stand-in deploys to: a folder with a file for each resource, which persists between runs of the
 * CLI.
 */
export class Account {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  has(type: string, key: string): boolean {
    return existsSync(this.#fileOf(type, key));
  }

  /** Adds or replaces a resource. */
  put(existing: Existing): void {
    mkdirSync(this.#folderOf(existing.type), { recursive: true });
    writeFileSync(this.#fileOf(existing.type, existing.key), JSON.stringify(existing));
  }

  remove(type: string, key: string): void {
    rmSync(this.#fileOf(type, key), { force: true });
  }

  /** All resources, or those of one type. */
  all(type?: string): Existing[] {
    if (type === undefined) return entriesOf(this.#folder).flatMap((encoded) => this.all(decodeURIComponent(encoded)));
    const folder = this.#folderOf(type);
    return entriesOf(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")));
  }

  #folderOf(type: string): string {
    return join(this.#folder, encodeURIComponent(type));
  }

  #fileOf(type: string, key: string): string {
    return join(this.#folderOf(type), `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.json`);
  }
}

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
