/** An older commit isn't deployed over a later one. */
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PULUMI_VERSION } from "../../cli/findPulumi.ts";
import { ROOT } from "../program/stack.ts";

let home: string;
const commits: string[] = [];

const git = async (...args: string[]) => {
  const config = ["-c", "user.name=ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"];
  return (await promisify(execFile)("git", [...config, ...args], { cwd: home })).stdout.trim();
};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "not-older-"));
  const pulumi = join(home, "versions", PULUMI_VERSION, "bin", "pulumi");
  await mkdir(join(pulumi, ".."), { recursive: true });
  await writeFile(pulumi, `#!/bin/sh\ncat "${home}/history"\n`);
  await chmod(pulumi, 0o755);
  await git("init", "-q");
  for (const message of ["first", "second", "third"]) {
    await git("commit", "-q", "--allow-empty", "-m", message);
    commits.push(await git("rev-parse", "HEAD"));
  }
});
afterAll(() => rm(home, { recursive: true }));

function check(commit: string | undefined, ...history: object[]) {
  return checkSince([], commit, ...history);
}

async function checkSince(options: string[], commit: string | undefined, ...history: object[]) {
  await git("checkout", "-q", commit as string);
  await writeFile(join(home, "history"), JSON.stringify(history));
  const env = { ...process.env, PULUMI_HOME: home, PULUMI_VERSION: "", NODE_NO_WARNINGS: "1" };
  const args = [join(ROOT, "deploy/notOlder.ts"), "--stack", "prod", ...options];
  return promisify(execFile)(process.execPath, args, { cwd: home, env }).then(
    () => ({ code: 0, stderr: "" }),
    ({ code, stderr }) => ({ code: Number(code), stderr: String(stderr) }),
  );
}

const update = (head: string | undefined, result = "succeeded") => ({
  kind: "update",
  result,
  environment: { "git.head": head },
});

test("the deployed commit and a later one pass", async () => {
  const [first, second] = commits;
  expect((await check(second, update(second))).code).toBe(0);
  expect((await check(second, { kind: "refresh" }, update(first))).code).toBe(0);
});

test("an older commit is refused, even if the later one was only deployed in part", async () => {
  const [first, , third] = commits;
  const { code, stderr } = await check(first, update(third, "failed"), update(first));
  expect(code).toBe(1);
  expect(stderr).toContain(`${first} doesn't contain ${third}, which is deployed in prod`);
});

test("a commit is refused if the repository doesn't know the deployed one", async () => {
  expect((await check(commits[2], update("0".repeat(40)))).code).toBe(1);
});

test("a plan is refused when the stack has been updated since", async () => {
  const at = (startTime: string) => ({ ...update(commits[0]), startTime });
  const since = (time: string) => ["--last-update", time];
  expect((await checkSince(since("10:00"), commits[1], at("10:00"), at("09:00"))).code).toBe(0);
  expect((await checkSince(since("none"), commits[1])).code).toBe(0);
  const later = await checkSince(since("10:00"), commits[1], at("11:00"), at("10:00"));
  expect(later.code).toBe(1);
  expect(later.stderr).toContain("Re-run all jobs of this run");
  expect((await checkSince(since("none"), commits[1], at("11:00"))).code).toBe(1);
  expect((await checkSince(since(""), commits[1], at("11:00"))).code).toBe(1);
});

test("any commit passes if nothing is deployed, or if the deployed commit is unknown", async () => {
  expect((await check(commits[0])).code).toBe(0);
  expect((await check(commits[0], { kind: "destroy" }, update(commits[2]))).code).toBe(0);
  expect((await check(commits[0], { kind: "update" })).code).toBe(0);
});
