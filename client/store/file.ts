import type { AppendStore, StoredAppend } from "../outbox/store.ts";

/** By path, the last thing that is being done with a file: clients of one process may share it. */
const doing = new Map<string, Promise<unknown>>();

/**
 * Keeps appends in a file, for one process at a time.
 *
 * @param path of a JSON file; it is made when there is something to keep. One that holds something else is left as it
 * is, and everything that would be done with it fails and says so.
 */
export function fileStore(path: string): AppendStore {
  // Not imported: a bundle for browsers must not look for it.
  const fs = process.getBuiltinModule("node:fs/promises");

  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = (doing.get(path) ?? Promise.resolve()).then(action);
    doing.set(
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

  /** Writes beside the file first: it is whole at any time, the old one or the new. */
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
    // Said below.
  }
  throw new Error(`${path} is no list of unsent messages: take another file, or move this one away`);
}
