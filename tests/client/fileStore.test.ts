/** The file store stays intact however the process ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoredAppend } from "../../client/index.ts";
import { fileStore } from "../../client/store/index.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chat-store-"));
  path = join(folder, "unsent.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function append(id: string, order = 1): StoredAppend {
  return { id, room: "lobby", append: { action: "sendMessage", text: `text of ${id}` }, order };
}

/** Reads the store as the next process would. */
const reopened = () => fileStore(path).load();

describe("a file store", () => {
  test("is empty and creates no file until there is something to keep", async () => {
    expect(await reopened()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  test("contains what was put, in its latest state, and nothing that was removed", async () => {
    const store = fileStore(path);
    await store.load();
    await store.put(append("a"));
    await store.put(append("b"));
    await store.put({ ...append("a"), firstSentAt: 17, failedWith: "TOO_LARGE" });
    await store.put(append("c"));
    await store.remove("b");
    await store.remove("never there");
    expect(await reopened()).toEqual([{ ...append("a"), firstSentAt: 17, failedWith: "TOO_LARGE" }, append("c")]);
  });

  test("keeps the state at the time of put, not later changes to the object", async () => {
    const store = fileStore(path);
    const changing = append("a");
    const putting = store.put(changing);
    changing.firstSentAt = 17;
    await putting;
    expect(await reopened()).toEqual([append("a")]);
  });

  test("accepts any number of changes at once", async () => {
    const store = fileStore(path);
    await Promise.all(Array.from({ length: 50 }, (_, i) => store.put(append(`${i}`, i))));
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? store.remove(`${i}`) : store.put(append(`${i}`, i + 100)))),
    );
    expect((await reopened()).map(({ id, order }) => [id, order])).toEqual(
      Array.from({ length: 25 }, (_, i) => [`${2 * i + 1}`, 2 * i + 101]),
    );
    expect(await readdir(folder)).toEqual(["unsent.json"]);
  });

  test("is readable only by its owner", async () => {
    await fileStore(path).put(append("a"));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("reports that it can't write, and continues once it can", async () => {
    const elsewhere = join(folder, "not yet", "unsent.json");
    const store = fileStore(elsewhere);
    await expect(store.put(append("a"))).rejects.toMatchObject({ code: "ENOENT" });
    path = join(folder, "unsent.json");
    const { mkdir } = await import("node:fs/promises");
    await mkdir(join(folder, "not yet"));
    await store.put(append("b"));
    expect((await fileStore(elsewhere).load()).map(({ id }) => id)).toContain("b");
  });
});

describe("what an earlier process left", () => {
  test("isn't lost when a message is put before the store has been read", async () => {
    await fileStore(path).put(append("from before"));
    const store = fileStore(path);
    const loaded = store.load();
    await Promise.all([loaded, store.put(append("new"))]);
    expect((await reopened()).map(({ id }) => id).sort()).toEqual(["from before", "new"]);
  });

  test("includes what another store of this process is still writing, and both stores can continue", async () => {
    const [before, after] = [fileStore(path), fileStore(path)];
    const writing = Array.from({ length: 10 }, (_, i) => before.put(append(`${i}`, i)));
    // As when an application closes its client and creates another one.
    const goingOn = after.load().then(() => after.put(append("new", 99)));
    const outcomes = await Promise.allSettled([...writing, goingOn]);
    expect(outcomes.filter(({ status }) => status === "rejected")).toEqual([]);
    expect((await reopened()).map(({ order }) => order)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 99]);
  });

  test("isn't read from an incomplete file next to the store's file", async () => {
    const store = fileStore(path);
    await store.put(append("a"));
    await writeFile(`${path}.${process.pid}`, '[{"id":"b","room":"lo');
    await writeFile(`${path}.4711`, '[{"id":"b","room":"lo');
    expect(await reopened()).toEqual([append("a")]);
    await store.put(append("c"));
    expect((await reopened()).map(({ id }) => id)).toEqual(["a", "c"]);
  });

  test.each([
    ["isn't JSON", '[{"id":"a","room":"lob'],
    ["isn't a list", '{"id":"a"}'],
    ["is empty", ""],
    ["lists something else", '[{"name":"a picture"}]'],
    ["lists only null", "[null]"],
  ])("that %s causes an error that names the file and leaves it untouched", async (_, text) => {
    await writeFile(path, text);
    const store = fileStore(path);
    await expect(store.load()).rejects.toThrow(`${path} isn't a list of unsent messages`);
    expect(await readFile(path, "utf8")).toBe(text);
    await store.put(append("a")).catch(() => {});
    await store.remove("a").catch(() => {});
    expect(await readFile(path, "utf8")).toBe(text);
  });

  test("can be read completely at any moment", async () => {
    const store = fileStore(path);
    const large = (i: number) => ({ ...append(`${i}`, i), room: "r".repeat(100_000) });
    await store.put(large(0));
    let writing = true;
    const puts = Promise.all(Array.from({ length: 30 }, (_, i) => store.put(large(i)))).finally(() => {
      writing = false;
    });
    let reads = 0;
    for (; writing; reads++) JSON.parse(await readFile(path, "utf8"));
    await puts;
    expect(reads).toBeGreaterThan(10);
  });

  test("is complete at whatever moment its writer was killed", async () => {
    // Prints the number of each change that is durable, and continues with the next.
    const writer = `
      import { fileStore } from ${JSON.stringify(new URL("../../client/store/file.ts", import.meta.url).href)};
      const store = fileStore(${JSON.stringify(path)});
      await store.load();
      for (let i = 0; ; i++) {
        await store.put({ id: String(i), room: "lobby", append: { action: "sendMessage", text: "x".repeat(20_000) }, order: i });
        if (i >= 10) await store.remove(String(i - 10));
        process.stdout.write(i + "\\n");
      }`;
    for (const changes of [1, 12, 30]) {
      await rm(path, { force: true });
      const child = spawn(process.execPath, ["--input-type=module", "--eval", writer], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      child.stdout.on("data", (data) => {
        said += data;
        if (said.split("\n").length > changes) child.kill("SIGKILL");
      });
      await once(child, "close");
      const durable = Number(said.trimEnd().split("\n").at(-1));
      const ids = (await reopened()).map(({ id }) => Number(id));
      expect(ids).toContain(durable);
      expect(ids.length).toBeLessThanOrEqual(12);
      expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => (ids[0] as number) + i));
    }
  });
});
