/** Tests `npm run preview`, `up` and `destroy`: their output, and their calls to the Pulumi CLI. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPulumi, PULUMI_VERSION } from "../../cli/findPulumi.ts";
import { Command } from "../cli/command.ts";

/** A PULUMI_HOME with a CLI that records its calls. */
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "commands-"));
  const bin = join(home, "versions", PULUMI_VERSION, "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(
    join(bin, "pulumi"),
    '#!/bin/sh\necho "$@" >>"$PULUMI_HOME/asked"\n[ "$2" = export ] && cat "$PULUMI_HOME/state"\n[ "$1" = stack ] || exit 7\n',
  );
  await chmod(join(bin, "pulumi"), 0o755);
});
afterAll(() => rm(home, { recursive: true }));

async function run(args: string[], env: Record<string, string> = {}) {
  await writeFile(join(home, "asked"), "");
  const variables = { PULUMI_HOME: home, PULUMI_VERSION: "", ...env };
  const command = new Command(process.execPath, ["cli/launch.js", "cli/pulumi.ts", ...args], variables);
  const code = await command.ended;
  const asked = (await readFile(join(home, "asked"), "utf8")).trimEnd().split("\n");
  return { code, asked, stdout: command.stdout, stderr: command.stderr };
}

describe("the commands on a stack", () => {
  test("call pulumi for the stack dev, which they create if needed, and return pulumi's exit code", async () => {
    const { code, asked, stderr } = await run(["preview"]);
    expect({ code, stderr }).toEqual({ code: 7, stderr: "" });
    expect(asked[0]).toBe("stack select --create dev");
    expect(asked[1]).toMatch(
      /^preview --stack dev( --policy-pack policy --policy-pack-config policy\/presets\/strict.json)?$/,
    );
  });

  test.each([
    [["--stack", "prod", "--yes", "--diff"]],
    [["--yes", "--stack=prod", "--diff"]],
    [["-s", "prod", "--", "--yes", "--diff"]],
  ])("use the named stack and pass the other options to pulumi: %s", async (args) => {
    const { asked } = await run(["up", ...args]);
    expect(asked[0]).toBe("stack select --create prod");
    expect(asked[1]).toMatch(
      /^up --stack prod (--policy-pack policy --policy-pack-config policy\/presets\/strict.json )?--yes --diff$/,
    );
  });

  test("don't create a stack in order to destroy it", async () => {
    const { code, asked, stderr } = await run(["destroy", "--yes"]);
    expect({ code, asked, stderr }).toEqual({ code: 7, asked: ["destroy --stack dev --yes"], stderr: "" });
  });

  test("explain how to destroy a stack that protects its data", async () => {
    const { code, stderr } = await run(["destroy", "--stack", "prod"]);
    expect(code).toBe(7);
    expect(stderr).toContain('The stack "prod" protects its data');
    expect(stderr).toContain("npx pulumi config set protectData false --stack prod");
  });

  test("list what an interrupted update left behind, except resources that the stack has", async () => {
    const creating = (name: string, type: string, inputs: object) => ({
      type: "creating",
      resource: { urn: `urn:${name}`, type, inputs },
    });
    const pending_operations = [
      creating("ping", "aws:lambda/function:Function", { name: "chat-dev-ping" }),
      creating("react", "aws:lambda/function:Function", { name: "chat-dev-react" }),
      creating("api", "aws:apigatewayv2/api:Api", { name: "chat-dev-chat" }),
      { ...creating("hello", "aws:lambda/function:Function", { name: "chat-dev-hello" }), type: "updating" },
    ];
    const resources = [{ urn: "urn:react" }];
    await writeFile(join(home, "state"), JSON.stringify({ deployment: { resources, pending_operations } }));
    const left = await run(["up"]);
    await writeFile(join(home, "state"), JSON.stringify({ deployment: { resources, pending_operations: [] } }));
    const nothing = await run(["up"]);

    expect(left.stderr).toContain("interrupted while it created 2 resources");
    expect(left.stderr.match(/^ {2}aws .*/gm)).toEqual([
      "  aws lambda delete-function --function-name chat-dev-ping",
      // Names of APIs aren't unique, so the command finds the ids of all with this name.
      `  aws apigatewayv2 get-apis --query "Items[?Name=='chat-dev-chat'].ApiId" --output text`,
    ]);
    expect(left.stderr).toContain("npx pulumi refresh --clear-pending-creates --stack dev");
    expect(nothing.stderr).toBe("");
  });

  test.each(["preview", "up", "destroy"])("print their usage for --help: %s", async (command) => {
    const { code, stdout, asked } = await run([command, "--stack", "prod", "--help"]);
    expect({ code, asked }).toEqual({ code: 0, asked: [""] });
    expect(stdout).toContain(`npm run ${command} `);
  });

  test("are npm scripts of package.json, and explain in one line that a stack's settings file is missing", async () => {
    const npm = new Command("npm", ["run", "-s", "up", "--", "--stack", "nowhere"], { PULUMI_HOME: home });
    expect(await npm.ended).toBe(1);
    expect(npm.stderr.trimEnd()).toMatch(/^there is no Pulumi\.nowhere\.yaml: [^\n]+$/);
  });

  test("say in one line what is missing if there is no CLI", async () => {
    const { code, stdout, stderr } = await run(["preview"], { PULUMI_HOME: join(home, "empty"), PATH: home });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.trimEnd()).toMatch(/^the Pulumi CLI is not on this machine: "npx pulumi version" fetches [^\n]+$/);
  });
});

describe("the Pulumi CLI is found", () => {
  test("in PULUMI_HOME or on PATH", () => {
    const file = join(home, "versions", PULUMI_VERSION, "bin", "pulumi");
    expect(findPulumi({ PULUMI_HOME: home, PATH: "" })).toBe(file);
    expect(findPulumi({ PULUMI_HOME: "/nowhere", PATH: ["/none", dirname(file)].join(delimiter) })).toBe(file);
  });

  test("not in node_modules/.bin, where pulumi is the npm package's own command", () => {
    expect(findPulumi({ PULUMI_HOME: "/nowhere", PATH: join(process.cwd(), "node_modules", ".bin") })).toBeUndefined();
  });
});
