import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, utimes, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import folders from "../cache/folders.cjs";
import { temporaryFolder } from "../cache/temporaryFolder.cjs";
import { hashOf, prune } from "../cache/textCache.cjs";

/**
 * Writes the code of a function to a file that is named after its content. A program registers the file and not the
 * text, because everything that a program registers becomes part of the stack's state, which Pulumi writes again with
 * every step of an update.
 *
 * @returns the path relative to the program's folder, separated by `/`, so that the state has no absolute paths
 */
export async function writeCode(text: string): Promise<string> {
  const name = `${hashOf(text)}.js`;
  // A temporary file exists long enough: the engine reads it before the program ends.
  const file = await writeTo(join(folders.CODE, name), text).catch(() => writeTo(join(temporaryFolder(), name), text));
  return relative(process.cwd(), file).split(sep).join("/");
}

/** @throws Error if the file can't be written */
async function writeTo(file: string, text: string): Promise<string> {
  const found = await readFile(file, "utf8").catch(() => undefined);
  if (found === text) {
    // The cache deletes files that haven't been used for a long time.
    await utimes(file, new Date(), new Date());
    return file;
  }
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.${randomUUID()}`;
  await writeFile(partial, text);
  await rename(partial, file);
  pruneOnce(dirname(file));
  return file;
}

let pruned = false;

function pruneOnce(folder: string): void {
  if (!pruned) prune(folder);
  pruned = true;
}
