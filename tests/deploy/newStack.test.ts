/** `npm run stack -- new`: what a new stack gets, and which names it may have. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readStackConfig } from "../../stack/stackFiles.ts";
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
  # Who develops sends faster than people do.
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
  # Who develops sends faster than people do.
  chat:userRate: 10
  chat:apiGatewayAccount: existing
`);
  expect((await readStackConfig(folder, "chat", "alice")).secure).toEqual([]);
  expect(stdout).toContain("npm run bootstrap -- --repository OWNER/REPO --stack alice");
  expect(stdout).toContain("npx pulumi config set --secret chat:token --stack alice");
});

test.each([
  ["a name that AWS would refuse", ["new", "Alice"], /^the stack is named "Alice".*Choose another name/],
  ["a stack that there is", ["new", "dev"], /^there is a Pulumi\.dev\.yaml already/],
  ["a name within another's", ["new", "dev-2"], /^the stack "dev" would be let in to what belongs to "dev-2"/],
  ["a source that there isn't", ["new", "alice", "--from", "test"], /^there is no Pulumi\.test\.yaml/],
  ["no name", ["new"], /^"new" and one name are expected/],
])("%s is refused, and nothing is written", async (_, args, says) => {
  const before = await readFile(join(folder, "Pulumi.dev.yaml"), "utf8");
  const { code, stderr } = await run(...args);
  expect(code).toBe(1);
  expect(stderr).toMatch(says);
  expect(await readFile(join(folder, "Pulumi.dev.yaml"), "utf8")).toBe(before);
});
