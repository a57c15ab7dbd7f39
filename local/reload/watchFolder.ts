/** Reports each file saved below a folder. */
import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { join } from "node:path";

export interface FolderWatch {
  close(): void;
}

/**
 * Watches folder by folder, because on operating systems without recursive watches Node would look into every folder,
 * including `node_modules`.
 *
 * @param isIgnored called with the absolute path of each subfolder; ignored folders aren't watched
 * @param onSave called with the absolute path of what was written, created, renamed or deleted, as often as the system
 * reports it
 */
export function watchFolder(
  root: string,
  isIgnored: (folder: string) => boolean,
  onSave: (path: string) => void,
): FolderWatch {
  const watchers = new Map<string, FSWatcher>();

  const stopWatching = (folder: string) => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };

  /** @param tell whether the folder is new, so that the files in it are reported */
  const add = (folder: string, tell: boolean) => {
    if (watchers.has(folder) || (folder !== root && isIgnored(folder))) return;
    try {
      const watcher = watch(folder, (_, name) => {
        if (name !== null) changed(join(folder, name));
      });
      watcher.on("error", () => stopWatching(folder));
      watchers.set(folder, watcher);
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) add(path, tell);
        else if (tell) onSave(path);
      }
    } catch {
      // The folder has already been deleted.
      stopWatching(folder);
    }
  };

  const changed = (path: string) => {
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    if (isFolder) return add(path, true);
    stopWatching(path);
    onSave(path);
  };

  add(root, false);
  return {
    close: () => {
      for (const folder of [...watchers.keys()]) stopWatching(folder);
    },
  };
}
