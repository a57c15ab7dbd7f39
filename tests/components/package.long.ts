/** The published package, as another team uses it to build its own API from the README's example. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { preview } from "../../local/preview.ts";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { packageProblems } from "../packageProblems.ts";
import { codeOf, ofType } from "../program/stack.ts";
import { HandshakeRefused, TestClient } from "../webSocketClient.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COMPONENTS = join(ROOT, "components");

/** A project outside this repository, in the layout that `pulumi new aws-typescript` creates. */
let project: string;
let installed: string;
let tarball: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "polls-"));
  for (const file of ["Pulumi.yaml", "package.json", "tsconfig.json"])
    await cp(join(ROOT, "tests/programs/awsTypescript", file), join(project, file));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], { cwd: COMPONENTS });
  const [{ filename }] = JSON.parse(stdout.slice(stdout.search(/^\[/m)));
  tarball = join(project, filename);
  await run("tar", ["-xzf", tarball], { cwd: project });
  installed = join(project, "node_modules/@serverless-chat/components");
  await mkdir(join(project, "node_modules/@serverless-chat"), { recursive: true });
  await rename(join(project, "package"), installed);
  for (const dependency of ["@aws-sdk", "@pulumi", "@types", "esbuild", "typescript"])
    await symlink(join(ROOT, "node_modules", dependency), join(project, "node_modules", dependency));
  const readme = await readFile(join(COMPONENTS, "README.md"), "utf8");
  const [index, poll] = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text]) => text as string);
  await writeFile(join(project, "index.ts"), index as string);
  await writeFile(join(project, "poll.ts"), poll as string);
});
afterAll(() => rm(project, { recursive: true, force: true }));

describe("the package", () => {
  test("has entry points and types that pass publint and attw", async () => {
    expect(await packageProblems(installed, tarball)).toEqual([]);
  });

  test("declares every dependency that it needs, and no other", async () => {
    const { dependencies, peerDependencies } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
    const needed = new Set<string>();
    for (const file of ["index.js", "bundler.js", "environmentCredentials.ts"]) {
      const text = await readFile(join(installed, "dist", file), "utf8");
      for (const [, path] of text.matchAll(/(?:\brequire\(|\bfrom )"([^"]+)"/g)) {
        const [name] = /^(@[^/]+\/)?[^/]+/.exec(path as string) ?? [];
        if (name !== undefined && !isBuiltin(path as string)) needed.add(name);
      }
    }
    expect([...needed].sort()).toEqual([...Object.keys(dependencies), ...Object.keys(peerDependencies)].sort());
  });

  test("bundles callbacks even if TypeScript turns imports into require", async () => {
    const compilerOptions = { module: "commonjs", moduleResolution: "node", target: "es2022", noCheck: true };
    await writeFile(join(project, "commonjs.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
    const { registrations } = await preview({
      folder: project,
      project: "polls",
      stack: "dev",
      main: "index.ts",
      tsconfig: "commonjs.json",
      config: { "aws:region": "eu-central-1" },
    });
    const functions = ofType(registrations, "aws:lambda/function:Function");
    expect([...functions.keys()].sort()).toEqual(["authorizer", "reset", "vote", "watch"]);
    for (const [name, lambda] of functions) {
      const required = [...codeOf(lambda, project).matchAll(/\brequire\("([^"]+)"\)/g)].map(
        ([, path]) => path as string,
      );
      expect({ name, required: required.filter((path) => !isBuiltin(path)) }).toEqual({ name, required: [] });
    }
  });
});

describe("the README's example", () => {
  let cloud: LocalCloud;
  beforeAll(async () => {
    // The project's own tsconfig.json doesn't set `noCheck`, so the example is also type-checked.
    cloud = await startLocalCloud(["--program", project, "--watch", "--config", "aws:region=eu-central-1"]);
  });
  afterAll(() => cloud.stop());

  const open = (origin = "https://polls.example") =>
    TestClient.open(cloud.outputs.url as string, [], { headers: { Origin: origin } });

  test("shows a vote to everybody who watches", async () => {
    const [voter, watcher] = [await open(), await open()];
    for (const votes of [1, 2]) {
      voter.send({ action: "vote", choice: "soup" });
      expect(await watcher.next()).toEqual({ choice: "soup", votes });
      expect(await voter.next(({ voted }) => voted)).toEqual({ voted: true });
    }
  });

  test("admits nobody from another page", async () => {
    await expect(open("https://elsewhere.example")).rejects.toEqual(new HandshakeRefused(403));
  });

  test("applies a saved change", async () => {
    const client = await open();
    const poll = await readFile(join(project, "poll.ts"), "utf8");
    await writeFile(join(project, "poll.ts"), poll.replace("no such choice", "a choice is a string"));
    await cloud.waitFor("reloaded");
    client.send({ action: "vote", choice: 7 });
    expect(await client.next()).toEqual({ error: "a choice is a string" });
  });
});
