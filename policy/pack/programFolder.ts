/**
 * Finds the folder that a program's paths are relative to. The engine runs a pack in the pack's own folder and doesn't
 * pass the program's folder, so this searches upward from the folder where Pulumi was started, and from the pack's.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";

/**
 * The absolute path of a program's file or folder.
 *
 * @param path the path that the program registered
 * @param project name of the program's project
 * @param starts folders to search upward from, the likeliest first
 * @returns the path unchanged if it doesn't exist in any of the folders
 */
export function locate(path: string, project: string, starts = [process.env.PWD, process.cwd()]): string {
  const folders = starts.flatMap((start) => (start === undefined ? [] : (folderAbove(start, project) ?? [])));
  return folders.map((folder) => resolve(folder, path)).find((file) => existsSync(file)) ?? path;
}

/** Results by project and the folder where the search starts. */
const known = new Map<string, string | undefined>();

function folderAbove(start: string, project: string): string | undefined {
  const key = `${project} ${start}`;
  if (!known.has(key)) known.set(key, find(start, project));
  return known.get(key);
}

function find(start: string, project: string): string | undefined {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const file = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].map((name) => join(folder, name)).find(existsSync);
    if (file !== undefined) {
      const { name, main } = parse(readFileSync(file, "utf8")) as { name?: string; main?: string };
      if (name === project) return main === undefined ? folder : workingFolder(join(folder, main));
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** The folder that the engine runs a program in, which is that of its entry point. */
function workingFolder(main: string): string {
  return statSync(main, { throwIfNoEntry: false })?.isDirectory() ? main : dirname(main);
}
