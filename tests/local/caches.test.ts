/** Tests that the text cache never returns the wrong text, and does no harm if it can't be used. */
import { mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashOf, TextCache } from "../../cache/textCache.cjs";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "caches-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("a cached text", () => {
  const key = hashOf("key");

  it("is read by its key, also by another process", () => {
    new TextCache(join(folder, "new")).write(key, "one\ntwo");
    expect(new TextCache(join(folder, "new")).read(key)).toBe("one\ntwo");
    expect(new TextCache(folder).read(hashOf("other"))).toBeUndefined();
  });

  it.each([
    ["damaged", (entry: string) => entry.replace("text", "tent")],
    ["cut off", (entry: string) => entry.slice(0, -1)],
    ["empty", () => ""],
    ["another program's", () => "hello"],
  ])("that is %s isn't used and is replaced", async (_, damage) => {
    const cache = new TextCache(folder);
    cache.write(key, "a text");
    await writeFile(join(folder, key), damage(await readFile(join(folder, key), "utf8")));
    expect(cache.read(key)).toBeUndefined();
    cache.write(key, "a text");
    expect(cache.read(key)).toBe("a text");
  });

  it("with another key isn't used", async () => {
    const cache = new TextCache(folder);
    cache.write(hashOf("old version"), "a text");
    await rename(join(folder, hashOf("old version")), join(folder, key));
    expect(cache.read(key)).toBeUndefined();
  });

  it("is skipped if the folder can't be created", async () => {
    await writeFile(join(folder, "file"), "");
    const cache = new TextCache(join(folder, "file", "cache"));
    cache.write(key, "a text");
    expect(cache.read(key)).toBeUndefined();
  });

  it("is deleted when nothing has read it for two weeks", async () => {
    for (const name of ["old", "young"]) new TextCache(folder).write(hashOf(name), name);
    const longAgo = new Date(Date.now() - 15 * 86_400_000);
    await utimes(join(folder, hashOf("old")), longAgo, longAgo);
    new TextCache(folder).write(key, "a text");
    expect(await readdir(folder)).toEqual([hashOf("young"), key].sort());
  });
});
