/** Calls GitHub's API through the GitHub CLI, with the repository in GH_REPO and the token in GH_TOKEN. */
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";

/** Author of everything written with a workflow's token. Posts of others are ignored, even with the same marker. */
const AUTHOR = "github-actions[bot]";

export interface Post {
  number: number;
  id: number;
}

/** A line that lets a later run find the comment of an earlier one. GitHub doesn't show it. */
export function markerLine(marker: string): string {
  return `<!-- serverless-chat: ${marker} -->\n`;
}

/**
 * Comments or issues that a workflow has written with this marker, oldest first.
 *
 * @param path API path that lists them: `issues/12/comments`
 */
export async function findPosts(path: string, marker: string): Promise<Post[]> {
  const begins = JSON.stringify(markerLine(marker).trim());
  const own = `select(.user.login == ${JSON.stringify(AUTHOR)} and ((.body // "") | startswith(${begins})))`;
  const query = `.[] | ${own} | {id, number: (.number // 0)}`;
  const lines = await gh(["api", "--paginate", `repos/{owner}/{repo}/${path}`, "--jq", query]);
  return lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Sends JSON to the API. @throws Error with the CLI's output */
export async function send(method: "POST" | "PATCH", path: string, body: object): Promise<void> {
  await gh(["api", "--method", method, `repos/{owner}/{repo}/${path}`, "--input", "-"], JSON.stringify(body));
}

async function gh(args: string[], input?: string): Promise<string> {
  const child = spawn("gh", args, { stdio: [input === undefined ? "ignore" : "pipe", "pipe", "inherit"] });
  // An error of the pipe is ignored: if the CLI hasn't read all of its input, its exit code shows that.
  child.stdin?.on("error", () => {}).end(input);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [said, code] = await Promise.all([text(child.stdout as Readable), ended]);
  if (code !== 0) throw new Error(`gh ${args.slice(0, 4).join(" ")} ended with exit code ${code}`);
  return said;
}
