import { spawn } from "node:child_process";
import type { Reporter } from "./report.ts";

/** Opens a URL in the default browser, or warns if that isn't possible. */
export function openInBrowser(url: string, report: Reporter): void {
  const [command, ...args] = openerOf(process.platform);
  const opener = spawn(command, [...args, url], { stdio: "ignore", detached: true });
  opener.once("error", ({ message }) => {
    report({ event: "warning", message: `the page can't be opened (${message}): open ${url} yourself` });
  });
  opener.unref();
}

function openerOf(platform: NodeJS.Platform): [string, ...string[]] {
  if (platform === "darwin") return ["open"];
  // `start` takes a first argument in quotes as the window title, so it gets an empty title before the URL.
  return platform === "win32" ? ["cmd", "/c", "start", ""] : ["xdg-open"];
}
