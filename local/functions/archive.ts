import { createHash } from "node:crypto";
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** An asset or archive as the program registers it: text, or a path relative to the program's folder. */
export interface Code {
  text?: string;
  path?: string;
  assets?: Record<string, Code>;
}

/**
 * Lays a function's archive out on disk, byte for byte. The folder is named by the content, so that the same code is
 * laid out once, and V8's code cache knows it at the next start.
 *
 * @throws Error for code that is neither text nor a file or folder here
 */
export async function unpack(code: Code, programFolder: string): Promise<string> {
  if (code.path !== undefined) return folderOf(code.path, programFolder);
  const files = await filesOf(code, programFolder);
  const hash = createHash("sha256");
  for (const [name, content] of files) hash.update(`${name}\0`).update(content).update("\0");
  const folder = join(tmpdir(), "serverless-chat-functions", hash.digest("hex"));
  if (await exists(folder)) return folder;
  const partial = `${folder}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  for (const [name, content] of files) {
    const path = join(partial, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  // Whoever comes second finds the same content there.
  await rename(partial, folder).catch(() => rm(partial, { recursive: true, force: true }));
  return folder;
}

/** Code that is a folder already runs where it is. */
function folderOf(path: string, programFolder: string): string {
  if (path.endsWith(".zip")) throw new Error(`the code is the zip file "${path}": only folders and assets run here`);
  return resolve(programFolder, path);
}

async function filesOf(code: Code, programFolder: string): Promise<[string, string | Buffer][]> {
  if (code.assets === undefined) throw new Error("the code is not an archive of assets or a folder");
  const files = Object.entries(code.assets).map(async ([name, asset]): Promise<[string, string | Buffer]> => {
    if (asset.text !== undefined) return [name, asset.text];
    if (asset.path !== undefined) return [name, await readFile(resolve(programFolder, asset.path))];
    throw new Error(`the asset "${name}" is neither text nor a file here`);
  });
  return Promise.all(files);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
