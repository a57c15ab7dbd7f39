/** Tests `npm run stack -- new`: the settings that a new stack gets, and the names that it may have. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readStackConfig } from "../../stack/stackFiles.ts";
import { overlapOf, pullRequestOf } from "../../stack/stackNames.ts";
import { ROOT } from "../program/stack.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "new-stack-"));
  await writeFile(join(folder, "Pulumi.yaml"), "name: chat\nruntime: nodejs\n");
  await writeFile(
    join(folder, "Pulumi.dev.yaml"),
    `secretsprovider: awskms:///alias/chat-dev
encryptedkey: a2V5
config:
  aws:region: eu-central-1
  # The first stack sets it.
  chat:apiGatewayAccount: create
  chat:permissionsBoundary: arn:aws:iam::111122223333:policy/chat-ci/chat-boundary-dev-eu-central-1
  # Developers send faster than people do.
  chat:userRate: 10
  chat:token:
    secure: c2VjcmV0
`,
  );
});
afterEach(() => rm(folder, { recursive: true }));

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, NODE_NO_WARNINGS: "1" };
    execFile(process.execPath, [join(ROOT, "cli/stack.ts"), ...args], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

test("a new stack has the settings of dev, without its log role, boundary, key and secrets", async () => {
  const { code, stdout, stderr } = await run("new", "alice");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(await readFile(join(folder, "Pulumi.alice.yaml"), "utf8")).toBe(`config:
  aws:region: eu-central-1
  # Developers send faster than people do.
  chat:userRate: 10
  chat:apiGatewayAccount: existing
`);
  expect((await readStackConfig(folder, "chat", "alice")).secure).toEqual([]);
  expect(stdout).toContain("npm run bootstrap -- --repository OWNER/REPO --stack alice");
  expect(stdout).toContain("npx pulumi config set --secret chat:token --stack alice");
});

test("a stack that expires has its ttl among its tags, its own key and its own settings", async () => {
  const url = "awskms:///alias/chat-pr?region=eu-central-1";
  const options = ["--ttl", "48h", "--secrets-provider", url, "--set", "page=false", "--set", "chat:userRate=2"];
  const { code, stdout, stderr } = await run("new", "pr-12", ...options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const config = await readStackConfig(folder, "chat", "pr-12");
  expect(config).toMatchObject({ tags: { ttl: "48h" }, secretsProvider: url });
  expect(config.values).toMatchObject({ "chat:page": "false", "chat:userRate": "2" });
  expect(config.values).not.toHaveProperty("pulumi:tags");
  expect(stdout).toContain("48h after its last");
  // A stack made from this one never expires unless it says otherwise.
  await run("new", "alice", "--from", "pr-12");
  expect(await readStackConfig(folder, "chat", "alice")).toMatchObject({ tags: {} });
});

test("pull requests 1, 12 and 123 can have stacks at the same time, next to a stack named chat-dev", () => {
  for (const name of ["pr-1", "pr-12", "pr-123", "chat-dev"]) {
    expect(overlapOf(name, ["dev", "prod", "pr-1", "pr-12", "pr-123", "chat-dev"])).toBeUndefined();
  }
  expect(["pr-1", "pr-12"].map(pullRequestOf)).toEqual([1, 12]);
  for (const name of ["pr", "pr-", "pr-0", "pr-01", "pr-1-b", "pr-1.5", "xpr-1", "pr-1\n"]) {
    expect(pullRequestOf(name)).toBeUndefined();
  }
});

test.each([
  ["a name that AWS would refuse", ["new", "Alice"], /^the stack is named "Alice".*Choose another name/],
  ["the name of an existing stack", ["new", "dev"], /^there is a Pulumi\.dev\.yaml already/],
  [
    "a name that begins with another stack's name and a hyphen",
    ["new", "dev-2"],
    /^the stack "dev" could change the resources of "dev-2"/,
  ],
  ["a source that doesn't exist", ["new", "alice", "--from", "test"], /^there is no Pulumi\.test\.yaml/],
  ["a name reserved for pull requests", ["new", "pr-alice"], /^the stack "pr-alice" would be accessible to the role/],
  ["a ttl that isn't a duration", ["new", "alice", "--ttl", "2 days"], /^--ttl is "2 days": .*such as 90m, 48h or 7d/],
  ["a setting without a value", ["new", "alice", "--set", "page"], /^--set is "page": .*such as page=false/],
  [
    "a setting that doesn't exist",
    ["new", "alice", "--set", "memroy=1"],
    /^--set is "memroy=1": there is no setting "memroy"/,
  ],
  [
    "a setting with an invalid value",
    ["new", "alice", "--set", "chat:memory=abc"],
    /^--set is "chat:memory=abc": memory must be/,
  ],
  ["no name", ["new"], /^"new" with one name, "list" or "sweep" is expected/],
])("%s is refused, and nothing is written", async (_, args, says) => {
  const before = await readFile(join(folder, "Pulumi.dev.yaml"), "utf8");
  const { code, stderr } = await run(...args);
  expect(code).toBe(1);
  expect(stderr).toMatch(says);
  expect(await readFile(join(folder, "Pulumi.dev.yaml"), "utf8")).toBe(before);
});
