/**
 * Tests the comments and issues that workflows write on GitHub. A later run finds and updates them by their markers.
 */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Command } from "../cli/command.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "posts-"));
  // A `gh` that lists the content of "found", and records its calls.
  const gh = `#!/bin/sh
echo "$*" >>"${home}/asked"
case "$*" in *--paginate*) cat "${home}/found" ;; *) cat >"${home}/sent" ;; esac
`;
  await writeFile(join(home, "gh"), gh);
  await chmod(join(home, "gh"), 0o755);
  await writeFile(join(home, "found"), "");
});
afterEach(() => rm(home, { recursive: true }));

async function run(script: string, ...args: string[]) {
  const variables = { PATH: `${home}${delimiter}${process.env.PATH}` };
  const command = new Command(process.execPath, ["cli/launch.js", `deploy/${script}`, ...args], variables);
  command.process.stdin.end("the plan\n");
  const code = await command.ended;
  const asked = (await readFile(join(home, "asked"), "utf8").catch(() => "")).trimEnd().split("\n");
  const sent = JSON.parse(await readFile(join(home, "sent"), "utf8").catch(() => "null"));
  return { code, stderr: command.stderr, listed: asked[0], asked: asked.slice(1), sent };
}

const COMMENT = ["--pull-request", "12", "--marker", "preview-dev"];
const BODY = "<!-- serverless-chat: preview-dev -->\nthe plan\n";

test("the first comment is created, with its marker at the beginning", async () => {
  const { code, listed, asked, sent } = await run("postComment.ts", ...COMMENT);
  expect({ code, sent }).toEqual({ code: 0, sent: { body: BODY } });
  // Anybody can write a comment with this marker, so its author is checked too.
  expect(listed).toContain('.user.login == "github-actions[bot]"');
  expect(listed).toContain('startswith("<!-- serverless-chat: preview-dev -->")');
  expect(asked).toEqual(["api --method POST repos/{owner}/{repo}/issues/12/comments --input -"]);
});

test("a later comment replaces the first one", async () => {
  await writeFile(join(home, "found"), '{"id":77,"number":0}\n{"id":78,"number":0}\n');
  const { code, asked, sent } = await run("postComment.ts", ...COMMENT);
  expect({ code, sent }).toEqual({ code: 0, sent: { body: BODY } });
  expect(asked).toEqual(["api --method PATCH repos/{owner}/{repo}/issues/comments/77 --input -"]);
});

const DRIFT = ["--title", "Drift in the stack prod", "--marker", "drift-prod"];

test("an issue is opened when a check fails, updated while it fails, and closed when it succeeds", async () => {
  const opened = await run("postIssue.ts", ...DRIFT, "--result", "failure");
  expect({ code: opened.code, stderr: opened.stderr }).toEqual({ code: 0, stderr: "" });
  expect(opened.asked).toEqual(["api --method POST repos/{owner}/{repo}/issues --input -"]);
  expect(opened.sent).toEqual({
    title: "Drift in the stack prod",
    body: "<!-- serverless-chat: drift-prod -->\nthe plan\n",
  });

  await writeFile(join(home, "found"), '{"id":77,"number":5}\n');
  const updated = await run("postIssue.ts", ...DRIFT, "--result", "failure");
  expect(updated.asked.at(-1)).toBe("api --method PATCH repos/{owner}/{repo}/issues/5 --input -");
  expect(updated.sent).toEqual({ body: "<!-- serverless-chat: drift-prod -->\nthe plan\n" });

  const closed = await run("postIssue.ts", ...DRIFT, "--result", "success");
  expect(closed.sent).toEqual({ state: "closed" });
});

test("nothing is written without a number and a marker that can't end the HTML comment around it", async () => {
  for (const args of [
    [],
    ["--pull-request", "12", "--marker", "a --> b"],
    ["--pull-request", "1/2", "--marker", "a"],
  ]) {
    const { code, listed } = await run("postComment.ts", ...args);
    expect({ code, listed }).toEqual({ code: 1, listed: "" });
  }
});
