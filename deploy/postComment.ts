/**
 * `node deploy/postComment.ts --pull-request 12 --marker preview-dev < comment.md`: posts a comment, or updates the
 * existing one.
 */
import { text } from "node:stream/consumers";
import { commandLine } from "../cli/commandLine.ts";
import { findPosts, markerLine, send } from "./github.ts";

const HELP = `Writes a comment on a pull request, or replaces the comment that an earlier run wrote with the same marker.

  node deploy/postComment.ts --pull-request NUMBER --marker MARKER < COMMENT

  --pull-request NUMBER  the pull request
  --marker MARKER        distinguishes different kinds of comments: letters, digits and hyphens
  --help                 print this
`;

const { "pull-request": number = "", marker = "" } = commandLine(HELP, {
  "pull-request": { type: "string" },
  marker: { type: "string" },
});

if (!/^[1-9]\d*$/.test(number) || !/^[a-z0-9-]+$/.test(marker)) {
  console.error("--pull-request and --marker are required; --help explains them");
  process.exitCode = 1;
} else {
  const body = { body: markerLine(marker) + (await text(process.stdin)) };
  const [earlier] = await findPosts(`issues/${number}/comments?per_page=100`, marker);
  if (earlier === undefined) await send("POST", `issues/${number}/comments`, body);
  else await send("PATCH", `issues/comments/${earlier.id}`, body);
}
