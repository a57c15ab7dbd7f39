import type { AppendStore, StoredAppend } from "../outbox/store.ts";

/**
 * Keeps appends in a file, for one process at a time.
 *
 * @param path of a JSON file; it is made when there is something to keep
 */
export function fileStore(path: string): AppendStore {
  // Not imported: a bundle for browsers must not look for it.
  const fs = process.getBuiltinModule("node:fs/promises");
  const appends = new Map<string, StoredAppend>();
  let writing = Promise.resolve();

  /** Writes beside the file first: it is whole at any time, the old one or the new. */
  function write(): Promise<void> {
    const written = writing.then(async () => {
      const beside = `${path}.${process.pid}`;
      await fs.writeFile(beside, JSON.stringify([...appends.values()]), { mode: 0o600, flush: true });
      await fs.rename(beside, path);
    });
    writing = written.catch(() => {});
    return written;
  }

  return {
    /** @throws Error for a file that is no list of appends; it is left as it is */
    async load() {
      for (const append of parse(path, await read(fs, path))) appends.set(append.id, append);
      return [...appends.values()];
    },
    put(append) {
      appends.set(append.id, { ...append });
      return write();
    },
    remove(id) {
      return appends.delete(id) ? write() : Promise.resolve();
    },
  };
}

async function read(fs: typeof import("node:fs/promises"), path: string): Promise<string> {
  try {
    return await fs.readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "[]";
    throw error;
  }
}

function parse(path: string, text: string): StoredAppend[] {
  try {
    const list = JSON.parse(text);
    if (Array.isArray(list) && list.every(({ id, room, append }) => id && room && append?.action)) return list;
  } catch {
    // Said below.
  }
  throw new Error(`${path} is no list of unsent messages: take another file, or move this one away`);
}
