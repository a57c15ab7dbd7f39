import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import folders from "../../cache/folders.cjs";
import { temporaryFolder } from "../../cache/temporaryFolder.cjs";
import { hashOf, prune } from "../../cache/textCache.cjs";
import { type Code, filesOf } from "./code.ts";

/**
 * Writes a function's archive to disk, byte for byte. The folder is named after the content, so that V8's code cache
 * recognizes the same code on the next start.
 *
 * @returns the folder
 * @throws Error naming what can't be read, and why
 */
export async function unpack(code: Code, programFolder: string): Promise<string> {
  const files = [...(await filesOf(code, programFolder))];
  // A file whose path leads out of the archive would be written outside the folder that it is unpacked to.
  const outside = files.find(([name]) => name.startsWith("../") || isAbsolute(name));
  if (outside !== undefined) throw new Error(`the archive has a file "${outside[0]}", which is outside of it`);
  const name = hashOf(...files.flat());
  // Functions with the same archive may be registered at the same time; the archive is then unpacked only once.
  const underWay = unpacking.get(name) ?? unpackAs(name, files).finally(() => unpacking.delete(name));
  unpacking.set(name, underWay);
  return underWay;
}

/** Archives being written, by folder name. */
const unpacking = new Map<string, Promise<string>>();

async function unpackAs(name: string, files: [name: string, content: string | Buffer][]): Promise<string> {
  try {
    return await unpackTo(join(folders.ARCHIVES, name), files);
  } catch {
    // The cache may be read-only, or contain something else with this name.
    return unpackTo(join(temporaryFolder(), name), files);
  }
}

/** @throws Error if the folder can't be created or has different content */
async function unpackTo(folder: string, files: [name: string, content: string | Buffer][]): Promise<string> {
  if (await holds(folder, files)) {
    await utimes(folder, new Date(), new Date());
    return folder;
  }
  const partial = `${folder}.${randomUUID()}`;
  // An archive may be empty.
  await mkdir(partial, { recursive: true });
  for (const [name, content] of files) {
    const path = join(partial, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  try {
    await rename(partial, folder).catch(async () => {
      // Another process was faster, or left something else with this name.
      if (await holds(folder, files)) return;
      await rm(folder, { recursive: true, force: true });
      await rename(partial, folder);
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  prune(dirname(folder));
  if (!(await holds(folder, files))) throw new Error(`${folder} has different content`);
  return folder;
}

async function holds(folder: string, files: [name: string, content: string | Buffer][]): Promise<boolean> {
  if (!existsSync(folder)) return false;
  const same = files.map(async ([name, content]) => {
    const found = await readFile(join(folder, name)).catch(() => undefined);
    return found?.equals(Buffer.from(content)) ?? false;
  });
  return (await Promise.all(same)).every(Boolean);
}
