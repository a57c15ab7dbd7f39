/** The browser's store: each tab has its own, and the next tab takes over what a closed tab leaves behind. */
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AppendStore, StoredAppend } from "../../client/index.ts";
import { indexedDbStore } from "../../client/store/index.ts";

// Node's own locks, which the tabs' locks are based on.
const { locks } = navigator;
let names = 0;
let name: string;
beforeEach(() => {
  name = `outbox ${++names}`;
});

const tabs: Tab[] = [];
afterEach(() => {
  for (const tab of tabs.splice(0)) tab.close();
  vi.unstubAllGlobals();
});

/** A browser tab, which holds its locks while it is open. */
class Tab {
  readonly store: AppendStore;
  readonly #gone = Promise.withResolvers<void>();

  constructor() {
    tabs.push(this);
    this.store = indexedDbStore(name);
  }

  async load(): Promise<StoredAppend[]> {
    vi.stubGlobal("navigator", { locks: { request: this.#request } });
    return this.store.load();
  }

  close(): void {
    this.#gone.resolve();
  }

  /** Requests a lock that is released when the tab closes, as in a browser. */
  readonly #request = (lock: string, ...rest: unknown[]) => {
    const callback = rest.pop() as (lock: Lock | null) => Promise<unknown>;
    const [options = {}] = rest as [LockOptions?];
    return locks.request(lock, options, (granted) => Promise.race([callback(granted), this.#gone.promise]));
  };
}

async function openTab(): Promise<Tab> {
  const tab = new Tab();
  await tab.load();
  return tab;
}

/** Closes the tab, and waits until its locks are released. */
async function closed(tab: Tab): Promise<void> {
  tab.close();
  await vi.waitFor(async () => {
    const { held = [] } = await locks.query();
    expect(held.filter((lock) => lock.name?.startsWith(`${name} `))).toHaveLength(tabs.length - 1);
  });
  tabs.splice(tabs.indexOf(tab), 1);
}

function append(id: string, order = 1): StoredAppend {
  return { id, room: "lobby", append: { action: "sendMessage", text: `text of ${id}` }, order };
}

const idsOf = (appends: StoredAppend[]) => appends.map(({ id }) => id).sort();

describe("an IndexedDB store", () => {
  test("is empty at first", async () => {
    expect(await new Tab().load()).toEqual([]);
  });

  test("returns what the previous page put last, without what was removed", async () => {
    const tab = await openTab();
    await tab.store.put(append("a"));
    await tab.store.put(append("b"));
    await tab.store.put({ ...append("a"), firstSentAt: 17, failedWith: "TOO_LARGE" });
    await tab.store.remove("b");
    await tab.store.remove("never there");
    await closed(tab);
    expect(await new Tab().load()).toEqual([{ ...append("a"), firstSentAt: 17, failedWith: "TOO_LARGE" }]);
  });

  test("accepts any number of changes at once, in order", async () => {
    const tab = await openTab();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => [
        tab.store.put(append(`${i}`)),
        i % 2 === 0 && tab.store.remove(`${i}`),
      ]).flat(),
    );
    await closed(tab);
    expect(idsOf(await new Tab().load())).toEqual(["1", "11", "13", "15", "17", "19", "3", "5", "7", "9"]);
  });

  test("accepts messages before it has been read", async () => {
    const before = await openTab();
    await before.store.put(append("from before"));
    await closed(before);
    const tab = new Tab();
    const [loaded] = await Promise.all([tab.load(), tab.store.put(append("new"))]);
    expect(idsOf(loaded)).toContain("from before");
    await closed(tab);
    expect(idsOf(await new Tab().load())).toEqual(["from before", "new"]);
  });

  test("doesn't contain the messages of a store with another name", async () => {
    const tab = await openTab();
    await tab.store.put(append("ana's"));
    await closed(tab);
    name = `outbox ${++names}`;
    expect(await new Tab().load()).toEqual([]);
  });
});

describe("two tabs", () => {
  test("don't send each other's messages", async () => {
    const [first, second] = [await openTab(), await openTab()];
    await first.store.put(append("first's"));
    await second.store.put(append("second's"));
    expect(await new Tab().load()).toEqual([]);
    await closed(first);
    expect(idsOf(await new Tab().load())).toEqual(["first's"]);
  });

  test("that open at the same time share the messages left behind, each message going to one tab", async () => {
    for (const ids of [["a", "b"], ["c"], ["d", "e", "f"]]) {
      const gone = await openTab();
      for (const id of ids) await gone.store.put(append(id));
      await closed(gone);
    }
    const loaded = await Promise.all([new Tab(), new Tab(), new Tab()].map((tab) => tab.load()));
    // All tabs use the `navigator` of the tab that loaded last, but it doesn't matter here which tab owns the locks.
    expect(idsOf(loaded.flat())).toEqual(["a", "b", "c", "d", "e", "f"]);
  });
});

describe("the store of a closed tab", () => {
  test("is taken over by the next one, which treats it as its own", async () => {
    const gone = await openTab();
    await gone.store.put(append("left"));
    await closed(gone);
    const next = new Tab();
    expect(idsOf(await next.load())).toEqual(["left"]);
    expect(await new Tab().load()).toEqual([]);
    await closed(next);
    expect(idsOf(await new Tab().load())).toEqual(["left"]);
  });

  test("isn't taken over before the tab has closed", async () => {
    const lives = await openTab();
    await lives.store.put(append("a"));
    expect(await new Tab().load()).toEqual([]);
    expect(await new Tab().load()).toEqual([]);
  });

  test("keeps the changes of the tab that took it over", async () => {
    const gone = await openTab();
    await gone.store.put(append("a"));
    await gone.store.put(append("b"));
    await closed(gone);
    const heir = await openTab();
    await heir.store.remove("a");
    await heir.store.put({ ...append("b"), firstSentAt: 17 });
    await closed(heir);
    expect(await new Tab().load()).toEqual([{ ...append("b"), firstSentAt: 17 }]);
  });

  test("is taken over together with several others", async () => {
    const left = [await openTab(), await openTab()];
    for (const [i, tab] of left.entries()) await tab.store.put(append(`${i}`));
    for (const tab of left) await closed(tab);
    expect(idsOf(await new Tab().load())).toEqual(["0", "1"]);
  });
});
