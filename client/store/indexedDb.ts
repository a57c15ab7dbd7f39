/// <reference lib="dom" />
import type { AppendStore, StoredAppend } from "../outbox/store.ts";

const APPENDS = "appends";

/** An append and the tab that it belongs to. */
type Row = StoredAppend & { owner: string };

/**
 * Stores appends in the browser. Tabs share the database but not the appends: each tab sends its own, and a tab that
 * opens adopts those of closed tabs. Every tab holds a Web Lock while it lives, so a free lock belongs to a closed tab.
 *
 * @param name name of the database; use one for each user
 */
export function indexedDbStore(name: string): AppendStore {
  const owner = crypto.randomUUID();
  const lockOf = (tab: string) => `${name} ${tab}`;
  const database = open(name);

  return {
    async load() {
      hold(lockOf(owner));
      const owners = new Set((await rowsOf(await database)).map((row) => row.owner));
      for (const gone of owners) await ifFree(lockOf(gone), async () => adopt(await database, gone, owner));
      return (await rowsOf(await database))
        .filter((row) => row.owner === owner)
        .map(({ owner: _, ...append }) => append);
    },
    async put(append) {
      await change(await database, (appends) => void appends.put({ ...append, owner }));
    },
    async remove(id) {
      await change(await database, (appends) => void appends.delete(id));
    },
  };
}

/** Holds a lock until the page is closed. */
function hold(lock: string): void {
  void navigator.locks.request(lock, () => new Promise(() => {}));
}

/** Runs an action with the lock, or not at all if another tab holds it. */
async function ifFree(lock: string, action: () => Promise<void>): Promise<void> {
  await navigator.locks.request(lock, { ifAvailable: true }, async (free) => {
    if (free) await action();
  });
}

function open(name: string): Promise<IDBDatabase> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => void opening.result.createObjectStore(APPENDS, { keyPath: "id" });
  return resultOf(opening);
}

function rowsOf(database: IDBDatabase): Promise<Row[]> {
  return resultOf(database.transaction(APPENDS).objectStore(APPENDS).getAll());
}

function adopt(database: IDBDatabase, from: string, to: string): Promise<void> {
  return change(database, (appends) => {
    const reading: IDBRequest<Row[]> = appends.getAll();
    reading.onsuccess = () => {
      for (const row of reading.result) if (row.owner === from) appends.put({ ...row, owner: to });
    };
  });
}

/** Resolves when the change is durable. */
function change(database: IDBDatabase, action: (appends: IDBObjectStore) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(APPENDS, "readwrite", { durability: "strict" });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    action(transaction.objectStore(APPENDS));
  });
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
