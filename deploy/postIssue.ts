/**
 * `node deploy/postIssue.ts --title "…" --marker drift-prod --result failure < body.md`: keeps one issue open while a
 * check fails.
 */
import { text } from "node:stream/consumers";
import { commandLine } from "../cli/commandLine.ts";
import { findPosts, markerLine, send } from "./github.ts";

const HELP = `Opens an issue about a failed check, or updates the open one; closes it when the check succeeds.

  node deploy/postIssue.ts --title TITLE --marker MARKER --result RESULT < BODY

  --title TITLE    title of the issue
  --marker MARKER  distinguishes the issues of different checks: letters, digits and hyphens
  --result RESULT  result of the check: "success" or another word
  --help           print this
`;

const {
  title,
  marker = "",
  result,
} = commandLine(HELP, {
  title: { type: "string" },
  marker: { type: "string" },
  result: { type: "string" },
});

if (title === undefined || result === undefined || !/^[a-z0-9-]+$/.test(marker)) {
  console.error("--title, --marker and --result are required; --help explains them");
  process.exitCode = 1;
} else {
  const body = markerLine(marker) + (await text(process.stdin));
  const [open] = await findPosts("issues?state=open&per_page=100", marker);
  if (result === "success") {
    if (open !== undefined) await send("PATCH", `issues/${open.number}`, { state: "closed" });
  } else if (open === undefined) await send("POST", "issues", { title, body });
  else await send("PATCH", `issues/${open.number}`, { body });
}
