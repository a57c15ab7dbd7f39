import type { AppendStore, StoredAppend } from "../outbox/store.ts";

/** The last operation on each file, by path. Clients of one process may share a file. */
const pending = new Map<string, Promise<unknown>>();

/**
 * Stores appends in a file, for one process at a time.
 *
 * @param path a JSON file, created when there is something to store. A file with any other content is left untouched,
 * and every operation on it fails.
 */
export function fileStore(path: string): AppendStore {
  // An import of `node:fs/promises` couldn't be resolved in a bundle for browsers.
  const fs = process.getBuiltinModule("node:fs/promises");

  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = (pending.get(path) ?? Promise.resolve()).then(action);
    pending.set(
      path,
      done.catch(() => {}),
    );
    return done;
  }

  async function read(): Promise<StoredAppend[]> {
    try {
      return parse(path, await fs.readFile(path, "utf8"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  /** Writes another file first and renames it, so that the file is always complete. */
  async function write(appends: StoredAppend[]): Promise<void> {
    const beside = `${path}.${process.pid}`;
    await fs.writeFile(beside, JSON.stringify(appends), { mode: 0o600, flush: true });
    await fs.rename(beside, path);
  }

  return {
    load: () => inTurn(read),
    put: (append) => {
      const copy = { ...append };
      return inTurn(async () => write([...(await read()).filter(({ id }) => id !== copy.id), copy]));
    },
    remove: (id) =>
      inTurn(async () => {
        const appends = await read();
        const others = appends.filter((append) => append.id !== id);
        if (others.length < appends.length) await write(others);
      }),
  };
}

function parse(path: string, text: string): StoredAppend[] {
  try {
    const list = JSON.parse(text);
    if (Array.isArray(list) && list.every((item) => item?.id && item.room && item.append?.action)) return list;
  } catch {
    // The error below reports this.
  }
  throw new Error(`${path} isn't a list of unsent messages. Use another file, or move this one away.`);
}
