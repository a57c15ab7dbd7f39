/** Tests `npm run stack -- list` and `sweep` with a Pulumi CLI and a GitHub CLI that answer from files. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PULUMI_VERSION } from "../../cli/findPulumi.ts";
import { Command } from "./command.ts";

interface FakeStack {
  ttl?: string;
  /** Age of the last `pulumi up` in hours. */
  upHoursAgo?: number;
  /** Number of destroys since then. @default 1 */
  destroys?: number;
  /** Age of the last change of the state in hours. */
  hoursAgo?: number;
}

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "sweep-"));
  const pulumi = join(home, "versions", PULUMI_VERSION, "bin", "pulumi");
  await mkdir(join(pulumi, ".."), { recursive: true });
  await mkdir(join(home, "bin"));
  await writeFile(
    pulumi,
    `#!/bin/sh
asked="$*"
while [ $# -gt 0 ]; do
  [ "$1" = --stack ] && stack="$2"
  [ "$1" = --page ] && page="$2"
  shift
done
case "$asked" in
  "stack ls"*) cat "${home}/stacks" ;;
  "stack tag"*) cat "${home}/$stack.tags" ;;
  "stack history"*) cat "${home}/$stack.history.$page" 2>/dev/null || echo "[]" ;;
  destroy*)
    echo "$asked" >>"${home}/destroyed"
    [ -e "${home}/$stack.locked" ] && echo "the stack is currently locked by 1 lock(s)" >&2 && exit 255
    exit 0 ;;
esac
`,
  );
  const gh = join(home, "bin", "gh");
  await writeFile(gh, `#!/bin/sh\ncat "${home}/pull-request-$3" 2>/dev/null || { echo "HTTP 502" >&2; exit 1; }\n`);
  await chmod(pulumi, 0o755);
  await chmod(gh, 0o755);
});
afterEach(() => rm(home, { recursive: true }));

async function withStacks(stacks: Record<string, FakeStack>): Promise<void> {
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const listed = Object.entries(stacks).map(([name, { hoursAgo: hours = 1 }]) => ({
    name,
    lastUpdate: hoursAgo(hours),
  }));
  await writeFile(join(home, "stacks"), JSON.stringify(listed));
  for (const [name, { ttl, upHoursAgo, destroys = 1 }] of Object.entries(stacks)) {
    const ups = upHoursAgo === undefined ? [] : [{ kind: "update", startTime: hoursAgo(upHoursAgo) }];
    await writeFile(join(home, `${name}.tags`), JSON.stringify(ttl === undefined ? {} : { ttl }));
    const history = [...Array(destroys).fill({ kind: "destroy", startTime: hoursAgo(0) }), ...ups];
    for (let page = 1; history.length > 0; page++)
      await writeFile(join(home, `${name}.history.${page}`), JSON.stringify(history.splice(0, 50)));
  }
}

async function withPullRequest(number: number, state: string, ...labels: string[]): Promise<void> {
  const answer = { state, labels: labels.map((name) => ({ name })) };
  await writeFile(join(home, `pull-request-${number}`), JSON.stringify(answer));
}

async function run(...args: string[]) {
  const PATH = `${join(home, "bin")}${delimiter}${process.env.PATH}`;
  const variables = { PULUMI_HOME: home, PULUMI_VERSION: "", PATH };
  const command = new Command(process.execPath, ["cli/launch.js", "cli/stack.ts", ...args], variables);
  const code = await command.ended;
  const asked = await readFile(join(home, "destroyed"), "utf8").catch(() => "");
  const destroyed = [...asked.matchAll(/--stack (\S+)/g)].map(([, stack]) => stack);
  return { code, destroyed, stdout: command.stdout, stderr: command.stderr };
}

test("list says when each stack expires, counted from its last `pulumi up`", async () => {
  await withStacks({
    dev: {},
    "pr-9": { ttl: "48h", upHoursAgo: 96, hoursAgo: 1 },
    "pr-12": { ttl: "48h", upHoursAgo: 3 },
    alice: { ttl: "soon", hoursAgo: 5 },
  });
  const { code, stdout } = await run("list");
  expect(code).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.trimEnd().split(/ {2,}/)),
  ).toEqual([
    ["STACK", "UPDATED", "TTL", "EXPIRES"],
    ["dev", "60m ago", "-", "never"],
    ["pr-9", "4d ago", "48h", "expired 2d ago"],
    ["pr-12", "3h ago", "48h", expect.stringMatching(/^in 4[45]h$/)],
    ["alice", "5h ago", "soon", "ttl is not a duration"],
  ]);
});

test("a sweep without --yes only says what it would do", async () => {
  await withStacks({ "pr-9": { ttl: "48h", upHoursAgo: 49 } });
  const { code, stdout, destroyed } = await run("sweep");
  expect({ code, destroyed }).toEqual({ code: 0, destroyed: [] });
  expect(stdout).toContain("pr-9: would be destroyed, its ttl of 48h has passed");
  expect(stdout).toContain("run this with --yes");
});

test("a sweep destroys what has expired, and never dev, prod or a stack without a ttl", async () => {
  await withStacks({
    dev: { ttl: "1h", upHoursAgo: 100 },
    prod: { ttl: "1h", upHoursAgo: 100 },
    alice: { upHoursAgo: 100 },
    "pr-9": { ttl: "48h", upHoursAgo: 49 },
    "pr-12": { ttl: "48h", upHoursAgo: 47 },
  });
  const { code, stdout, destroyed } = await run("sweep", "--yes");
  expect({ code, destroyed }).toEqual({ code: 0, destroyed: ["pr-9"] });
  expect(stdout).toContain("1 destroyed, 4 kept, 0 failed");
});

test("failed destroys don't extend a stack's life, however many there are", async () => {
  await withStacks({ "pr-9": { ttl: "48h", upHoursAgo: 49, hoursAgo: 0, destroys: 120 } });
  expect((await run("sweep", "--yes")).destroyed).toEqual(["pr-9"]);
});

test("a sweep continues if one stack can't be destroyed or checked, and ends with exit code 1", async () => {
  await withStacks({
    "pr-8": { ttl: "48h", upHoursAgo: 49 },
    "pr-9": { ttl: "two days", upHoursAgo: 49 },
    "pr-10": { ttl: "48h", upHoursAgo: 49 },
  });
  await writeFile(join(home, "pr-8.locked"), "");
  const { code, stdout, destroyed } = await run("sweep", "--yes");
  expect({ code, destroyed }).toEqual({ code: 1, destroyed: ["pr-8", "pr-10"] });
  expect(stdout).toContain("currently locked by 1 lock(s)");
  expect(stdout).toContain('pr-9: kept, but its ttl is "two days"');
  expect(stdout).toContain("1 destroyed, 0 kept, 2 failed");
});

test("a sweep asks GitHub about the stacks of pull requests", async () => {
  await withStacks({
    "pr-1": { ttl: "48h", upHoursAgo: 1 },
    "pr-2": { ttl: "48h", upHoursAgo: 1 },
    "pr-3": { ttl: "48h", upHoursAgo: 1 },
    "pr-4": { ttl: "48h", upHoursAgo: 49 },
    "pr-5": { ttl: "48h", upHoursAgo: 49 },
    "pr-6": { ttl: "48h", upHoursAgo: 49 },
    "pr-7": { upHoursAgo: 49 },
  });
  await withPullRequest(1, "OPEN", "deploy");
  await withPullRequest(2, "MERGED", "deploy", "persist");
  await withPullRequest(3, "OPEN", "persist");
  await withPullRequest(4, "OPEN", "deploy", "persist");
  await withPullRequest(5, "OPEN", "deploy");
  await withPullRequest(7, "CLOSED");
  const { code, stdout, destroyed } = await run("sweep", "--yes", "--pull-requests");
  expect({ code, destroyed }).toEqual({ code: 1, destroyed: ["pr-2", "pr-3", "pr-5"] });
  // GitHub doesn't return the state of pr-6.
  expect(stdout).toContain("pr-6: kept, but GitHub didn't return the state of pull request 6: HTTP 502");
});
