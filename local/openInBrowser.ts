import { spawn } from "node:child_process";
import type { Reporter } from "./report.ts";

/** Opens an address as a click on it would. Where that isn't possible, a warning says so. */
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
  // `start` takes a first argument in quotes for the title of a window.
  return platform === "win32" ? ["cmd", "/c", "start", ""] : ["xdg-open"];
}
