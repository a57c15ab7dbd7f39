/**
 * Tests starts with caches that are empty, damaged or inaccessible. Each start takes seconds, because everything is
 * compiled again.
 */

import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { spawnLocalCloud } from "../localCloud.ts";
import { TestClient } from "../webSocketClient.ts";

const ROOT = join(import.meta.dirname, "../..");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "caches-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("a start", { timeout: 90_000 }, () => {
  /** Starts a program with its caches in this folder. @returns the type of the event that its function answers */
  async function answerWith(cache: string): Promise<string> {
    const env = { SERVERLESS_CHAT_CACHE: cache };
    const cloud = spawnLocalCloud(["--program", "tests/programs/lifecycle"], env);
    const { outputs } = await cloud.waitFor("ready");
    const client = await TestClient.open(outputs.url as string);
    client.send("which connection is this?");
    const { requestContext } = await client.next();
    expect(await cloud.stop()).toBe(0);
    expect(cloud.stderr()).toBe("");
    return requestContext.eventType;
  }

  it("fills its caches, uses them, and rebuilds what is corrupt", async () => {
    expect(await answerWith(folder)).toBe("MESSAGE");
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const entries = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
    for (const kind of ["transpiled", "compiled", "archives"]) {
      expect(entries.filter((path) => path.startsWith(join(folder, kind))).length, kind).toBeGreaterThan(0);
    }
    const before = await Promise.all(entries.map((path) => readFile(path)));
    for (const path of entries) await writeFile(path, "not what was here");

    expect(await answerWith(folder)).toBe("MESSAGE");

    for (const [i, path] of entries.entries()) {
      // Node replaces its own corrupt code cache in its own way.
      if (!path.startsWith(join(folder, "compiled"))) expect(await readFile(path), path).toEqual(before[i]);
    }
  });

  it("works without writable caches", async () => {
    await mkdir(join(folder, "read-only"));
    await chmod(join(folder, "read-only"), 0o555);
    expect(await answerWith(join(folder, "read-only"))).toBe("MESSAGE");
    // Root can write to the read-only folder, too, but nobody can write below a file.
    await writeFile(join(folder, "file"), "");
    expect(await answerWith(join(folder, "file"))).toBe("MESSAGE");
  });

  it("provides the AWS SDK to archives wherever they are", async () => {
    const env = { SERVERLESS_CHAT_CACHE: join(folder, "far from any node_modules") };
    const cloud = spawnLocalCloud(["--program", "tests/programs/broadcast"], env);
    const { outputs } = await cloud.waitFor("ready");
    const client = await TestClient.open(outputs.url as string);
    client.send({ action: "say", text: "hello" });
    expect(await client.next()).toEqual({ said: "HELLO!" });
    client.send({ action: "imported" });
    expect(await client.next()).toEqual({ sdk: "function" });
    await cloud.stop();
  });
});

describe("the last step of npm ci", { timeout: 90_000 }, () => {
  /** @returns what it printed to standard error */
  async function fillCaches(programFolder: string): Promise<string> {
    const args = [join(ROOT, "cli/launch.js"), join(ROOT, "local/fillCaches.ts")];
    const env = { ...process.env, SERVERLESS_CHAT_CACHE: join(folder, "cache") };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: programFolder, env });
    expect(stdout).toBe("");
    return stderr;
  }

  it("lets the first start serve what it has registered", async () => {
    expect(await fillCaches(ROOT)).toBe("");
    const cloud = spawnLocalCloud(["--watch"], { SERVERLESS_CHAT_CACHE: join(folder, "cache") });
    await cloud.waitFor("ready");
    const steps = cloud.reports.flatMap((report) => (report.event === "step" ? [report.what] : []));
    expect(steps.at(-1)).toMatch(/^served what was registered last time by the program chat, stack dev: /);
    await cloud.stop();
  });

  it("succeeds and says why if the program fails", async () => {
    await writeFile(join(folder, "Pulumi.yaml"), "name: broken\nruntime: nodejs\n");
    const stderr = await fillCaches(folder);
    expect(stderr).toContain('The caches of "npm start" stay empty, because the program didn\'t start');
    expect(stderr).toContain("aws:region");
  });
});
