import { basename } from "node:path";
import type { Cloud } from "../cloud.ts";
import type { Program } from "../engine/program.ts";
import type { Keys } from "../keys.ts";
import type { LocalPage } from "../page.ts";
import type { RememberedRuns } from "../rememberedRun.ts";
import type { Reporter } from "../report.ts";
import { Reloader } from "./reloader.ts";
import { watchFolder } from "./watchFolder.ts";

/** Applies files that are saved in the program's folder to the running cloud and its page. */
export function watchProgram({
  cloud,
  report,
  readProgram,
  data,
  keys,
  page,
  runs,
}: {
  cloud: Cloud;
  report: Reporter;
  readProgram: () => Promise<Program>;
  data?: string;
  keys?: Keys;
  page?: LocalPage;
  runs: RememberedRuns;
}): { reloader: Reloader; close(): Promise<void> } {
  const reloader = new Reloader({
    cloud,
    report,
    readProgram,
    runs,
    confirm: async (losses, withdrawn) => {
      report({ event: "confirm", losses, keys: keys !== undefined });
      return (await keys?.ask(withdrawn)) ?? false;
    },
  });
  const isIgnored = (folder: string) =>
    basename(folder) === "node_modules" || basename(folder).startsWith(".") || folder === data;
  const watch = watchFolder(cloud.programFolder, isIgnored, (path) => {
    reloader.saved(path);
    page?.saved(path);
  });
  return {
    reloader,
    close: async () => {
      watch.close();
      await reloader.close();
    },
  };
}
