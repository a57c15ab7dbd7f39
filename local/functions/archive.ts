import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import folders from "../../cache/folders.cjs";
import { hashOf, prune } from "../../cache/textCache.cjs";

/** An asset or archive as the program registers it: text, or a path relative to the program's folder. */
export interface Code {
  text?: string;
  path?: string;
  assets?: Record<string, Code>;
}

/**
 * Writes a function's archive to disk, byte for byte. The folder is named by the content, so that V8's code cache knows
 * the same code at the next start.
 *
 * @throws Error for code that is neither text nor a file or folder here
 */
export async function unpack(code: Code, programFolder: string): Promise<string> {
  if (code.path !== undefined) return folderOf(code.path, programFolder);
  const files = await filesOf(code, programFolder);
  const name = hashOf(...files.flat());
  try {
    return await unpackTo(join(folders.ARCHIVES, name), files);
  } catch {
    // The cache can't be written to, or holds something else under this name.
    return unpackTo(join(temporaryFolder(), name), files);
  }
}

let temporary: string | undefined;

/** One for this process, and deleted with it. */
function temporaryFolder(): string {
  if (temporary === undefined) {
    const folder = mkdtempSync(join(tmpdir(), "serverless-chat-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    temporary = folder;
  }
  return temporary;
}

type Files = [name: string, content: string | Buffer][];

/** @throws Error when the folder can't be made, or has other content */
async function unpackTo(folder: string, files: Files): Promise<string> {
  if (await holds(folder, files)) {
    await utimes(folder, new Date(), new Date());
    return folder;
  }
  const partial = `${folder}.${randomUUID()}`;
  for (const [name, content] of files) {
    const path = join(partial, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  await rm(folder, { recursive: true, force: true });
  // Another process may have been faster.
  await rename(partial, folder).catch(() => rm(partial, { recursive: true, force: true }));
  prune(dirname(folder));
  if (!(await holds(folder, files))) throw new Error(`${folder} has other content`);
  return folder;
}

async function holds(folder: string, files: Files): Promise<boolean> {
  const same = files.map(async ([name, content]) => {
    const found = await readFile(join(folder, name)).catch(() => undefined);
    return found?.equals(Buffer.from(content)) ?? false;
  });
  return (await Promise.all(same)).every(Boolean);
}

/** Code that is a folder already runs where it is. */
function folderOf(path: string, programFolder: string): string {
  if (path.endsWith(".zip")) throw new Error(`the code is the zip file "${path}": only folders and assets run here`);
  return resolve(programFolder, path);
}

async function filesOf(code: Code, programFolder: string): Promise<Files> {
  if (code.assets === undefined) throw new Error("the code is not an archive of assets or a folder");
  const files = Object.entries(code.assets).map(async ([name, asset]): Promise<[string, string | Buffer]> => {
    if (asset.text !== undefined) return [name, asset.text];
    if (asset.path !== undefined) return [name, await readFile(resolve(programFolder, asset.path))];
    throw new Error(`the asset "${name}" is neither text nor a file here`);
  });
  return Promise.all(files);
}
