/** Tests the archive of a function: the files that Lambda would get for the code that a program registers. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { zipSync } from "fflate";
import { afterEach, beforeEach, expect, it } from "vitest";
import folders from "../../cache/folders.cjs";
import { unpack } from "../../local/functions/archive.ts";
import type { Code } from "../../local/functions/code.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "archive-"));
  await mkdir(join(folder, "app/lib"), { recursive: true });
  await writeFile(join(folder, "app/index.js"), "index");
  await writeFile(join(folder, "app/lib/deep.js"), "deep");
  const zip = zipSync({ "index.js": Buffer.from("zipped"), lib: { "deep.js": Buffer.from("zipped deep") } });
  await writeFile(join(folder, "app.zip"), zip);
});
afterEach(() => rm(folder, { recursive: true }));

/** The archive's contents by path. */
async function filesOf(code: Code): Promise<Record<string, string>> {
  const unpacked = await unpack(code, folder);
  const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file.slice(unpacked.length + 1), await readFile(file, "utf8")])),
  );
}

const APP = { "index.js": "index", "lib/deep.js": "deep" };
const ASSET = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17" };

it.each<{ name: string; code: Code; files: Record<string, string> }>([
  { name: "a folder", code: { path: "app" }, files: APP },
  { name: "a map with a folder as its root", code: { assets: { ".": { path: "./app" } } }, files: APP },
  {
    name: "a folder next to text",
    code: { assets: { "node_modules/app": { path: "app" }, "index.js": { text: "text" } } },
    files: { "node_modules/app/index.js": "index", "node_modules/app/lib/deep.js": "deep", "index.js": "text" },
  },
  {
    name: "an archive in an archive",
    code: { assets: { inner: { assets: { "a.js": { text: "a" }, lib: { path: "app/lib" } } } } },
    files: { "inner/a.js": "a", "inner/lib/deep.js": "deep" },
  },
  { name: "a .zip file", code: { path: "app.zip" }, files: { "index.js": "zipped", "lib/deep.js": "zipped deep" } },
  {
    name: "a .zip file in a folder of the archive",
    code: { assets: { vendor: { path: "app.zip" } } },
    files: { "vendor/index.js": "zipped", "vendor/lib/deep.js": "zipped deep" },
  },
])("an archive may be $name", async ({ code, files }) => {
  expect(await filesOf(code)).toEqual(files);
});

it("an archive is written to the cache once, even if several functions use it", async () => {
  const text = `${Math.random()}`;
  const unpacked = await Promise.all(Array.from({ length: 7 }, () => unpack({ assets: { "a.js": { text } } }, folder)));
  expect(new Set(unpacked).size).toBe(1);
  const [only = ""] = unpacked;
  expect(dirname(only)).toBe(folders.ARCHIVES);
  expect((await readdir(folders.ARCHIVES)).filter((name) => name.startsWith(basename(only)))).toEqual([basename(only)]);
  expect(await readFile(join(only, "a.js"), "utf8")).toBe(text);
  await rm(only, { recursive: true });
});

it("an archive may be empty", async () => {
  expect(await readdir(await unpack({ assets: {} }, folder))).toEqual([]);
});

it("an archive may contain a .zip file as an ordinary file", async () => {
  const names = Object.keys(await filesOf({ assets: { "data.zip": { path: "app.zip", ...ASSET } as Code } }));
  expect(names).toEqual(["data.zip"]);
});

it("an archive follows links, such as those of workspace packages", async () => {
  await symlink(join(folder, "app/lib"), join(folder, "app/linked"));
  expect(await filesOf({ path: "app" })).toEqual({ ...APP, "linked/deep.js": "deep" });
});

it("an archive gets a different folder after a file has changed, so new code can be told from old", async () => {
  const before = await unpack({ path: "app" }, folder);
  expect(await unpack({ path: "app" }, folder)).toBe(before);
  await writeFile(join(folder, "app/lib/deep.js"), "deeper");
  expect(await unpack({ path: "app" }, folder)).not.toBe(before);
});

it.each<{ code: Code; says: RegExp }>([
  { code: { path: "nowhere" }, says: /the code names .*nowhere: there is no such file or folder/ },
  { code: { path: "app/index.js" }, says: /a folder, a \.zip file or an archive is expected/ },
  { code: { uri: "https://example.com/app.zip" }, says: /"https:\/\/example\.com\/app\.zip" is neither text nor/ },
  { code: { assets: { "../outside.js": { text: "" } } }, says: /"\.\.\/outside\.js", which is outside of it/ },
])("an invalid archive is refused with the reason: $says", async ({ code, says }) => {
  await expect(unpack(code, folder)).rejects.toThrow(says);
});

it("a file named .zip that isn't a .zip file is refused", async () => {
  await writeFile(join(folder, "odd.zip"), "not a zip");
  await expect(unpack({ path: "odd.zip" }, folder)).rejects.toThrow(/odd\.zip, which can't be read as a \.zip file/);
});
