/** The files of a function's archive, as Lambda would get them from what the program registers. */
import { readdir, readFile, stat } from "node:fs/promises";
import { posix, resolve, sep } from "node:path";
import { unzipSync } from "fflate";

/** An asset or archive as the program registers it: text, or a path relative to the program's folder. */
export interface Code {
  text?: string;
  /** Content of a .zip file. */
  zip?: Buffer;
  /** Path of a file, a folder or a .zip file. */
  path?: string;
  /** URI of a remote file or archive, which isn't fetched. */
  uri?: string;
  /** Contents by path in the archive. A folder may itself be an archive. */
  assets?: Record<string, Code>;
}

/** The value with which Pulumi marks assets, unlike archives: a .zip file that is an asset isn't unpacked. */
const ASSET = "c44067f5952c0a294b673a41bacd8c17";

/** Content by path in the archive, with `/` as the separator. */
export type Files = Map<string, string | Buffer>;

/** @throws Error naming what can't be read, and why */
export async function filesOf(code: Code, programFolder: string): Promise<Files> {
  const files: Files = new Map();
  await add(code, "", programFolder, files);
  return files;
}

/** Absolute paths of the files and folders that the code is read from. */
export function pathsOf({ path, assets = {} }: Code, programFolder: string): string[] {
  const own = path === undefined ? [] : [resolve(programFolder, path)];
  return [...own, ...Object.values(assets).flatMap((asset) => pathsOf(asset, programFolder))];
}

/** @param at path in the archive; "" for the archive itself */
async function add(code: Code, at: string, programFolder: string, files: Files): Promise<void> {
  if (code.assets !== undefined) {
    // `posix.join` returns "." for the archive itself.
    for (const [name, asset] of Object.entries(code.assets)) {
      await add(asset, posix.join(at, name).replace(/^\.$/, ""), programFolder, files);
    }
  } else if (code.text !== undefined) files.set(at, code.text);
  else if (code.zip !== undefined) addZip(code.zip, "an object in a bucket", at, files);
  else if (code.path !== undefined) {
    const isAsset = Object.values(code).includes(ASSET);
    await addPath(resolve(programFolder, code.path), at, isAsset, files);
  } else throw new Error(`the code "${code.uri ?? at}" is neither text nor a file, a folder or a .zip file here`);
}

async function addPath(path: string, at: string, isAsset: boolean, files: Files): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Error(`the code names ${path}: there is no such file or folder`);
  if (found.isDirectory()) return addFolder(path, at, files);
  const content = await readFile(path);
  if (isAsset || !path.endsWith(".zip")) {
    if (at === "") throw new Error(`the code is the file ${path}: a folder, a .zip file or an archive is expected`);
    files.set(at, content);
    return;
  }
  addZip(content, path, at, files);
}

function addZip(content: Buffer, subject: string, at: string, files: Files): void {
  for (const [name, bytes] of Object.entries(unzipped(content, subject))) {
    if (!name.endsWith("/")) files.set(posix.join(at, name), Buffer.from(bytes));
  }
}

async function addFolder(folder: string, at: string, files: Files): Promise<void> {
  // Links are followed, as when Pulumi makes an archive of the folder.
  for (const name of await readdir(folder)) {
    const path = `${folder}${sep}${name}`;
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) await addFolder(path, posix.join(at, name), files);
    else if (found?.isFile()) files.set(posix.join(at, name), await readFile(path));
  }
}

function unzipped(content: Buffer, subject: string): Record<string, Uint8Array> {
  try {
    return unzipSync(content);
  } catch (error) {
    throw new Error(`the code is ${subject}, which can't be read as a .zip file: ${(error as Error).message}`);
  }
}
