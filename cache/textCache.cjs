// A cache on disk for texts that are expensive to produce. This file is CommonJS, because the local cloud loads it with
// plain Node, while the program loads it with whatever loader the engine uses.
const { createHash, randomUUID } = require("node:crypto");
const {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} = require("node:fs");
const { join } = require("node:path");

const DAY_MS = 86_400_000;
const MAX_UNUSED_MS = 14 * DAY_MS;

/**
 * @param {...(string | Buffer)} parts
 * @returns {string} the SHA-256 of the parts, in hex; hashes of "a", "bc" and of "ab", "c" differ
 */
function hashOf(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex");
}

/**
 * A folder of texts by key. Callers never depend on it: reading an entry that is missing or damaged returns undefined,
 * and a folder that can't be written to stays as it is. Entries that nothing has read for two weeks are deleted.
 */
class TextCache {
  #folder;
  #writable = true;
  #pruned = false;

  /** @param {string} folder created with the first entry */
  constructor(folder) {
    this.#folder = folder;
  }

  /**
   * @param {string} key from {@link hashOf}: a hash of everything that the text depends on, including versions of tools
   * @returns {string | undefined}
   */
  read(key) {
    const file = join(this.#folder, key);
    try {
      const entry = readFileSync(file, "utf8");
      const text = entry.slice(entry.indexOf("\n") + 1);
      if (entry.slice(0, entry.indexOf("\n")) !== hashOf(key, text)) return undefined;
      this.#keep(file);
      return text;
    } catch {
      return undefined;
    }
  }

  /**
   * @param {string} key
   * @param {string} text
   * @returns {void}
   */
  write(key, text) {
    if (!this.#writable) return;
    const partial = join(this.#folder, `${key}.${randomUUID()}`);
    try {
      mkdirSync(this.#folder, { recursive: true });
      this.#prune();
      writeFileSync(partial, `${hashOf(key, text)}\n${text}`);
      renameSync(partial, join(this.#folder, key));
    } catch {
      this.#writable = false;
      discard(partial);
    }
  }

  /** @param {string} file */
  #keep(file) {
    if (Date.now() - statSync(file).mtimeMs < DAY_MS) return;
    try {
      utimesSync(file, new Date(), new Date());
    } catch {
      // The time doesn't matter then: a folder that can't be written to isn't pruned either.
    }
  }

  #prune() {
    if (this.#pruned) return;
    this.#pruned = true;
    prune(this.#folder);
  }
}

/** @param {string} file path of a file; neither it nor its folder needs to exist */
function discard(file) {
  try {
    rmSync(file, { force: true });
  } catch {
    // There is nothing to delete.
  }
}

/**
 * Deletes files that haven't been used for two weeks.
 *
 * @param {string} folder
 * @returns {void}
 */
function prune(folder) {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    // Another process may have deleted or renamed the file in the meantime.
    const found = statSync(file, { throwIfNoEntry: false });
    if (found !== undefined && Date.now() - found.mtimeMs > MAX_UNUSED_MS)
      rmSync(file, { recursive: true, force: true });
  }
}

module.exports = { TextCache, hashOf, prune };
