import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageProblems } from "../packageProblems.ts";

const run = promisify(execFile);
const REACT = fileURLToPath(new URL("../../react", import.meta.url));

let folder: string;
let tarball: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chat-react-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: REACT });
  const [{ filename }] = JSON.parse(stdout.slice(stdout.search(/^\[/m)));
  tarball = join(folder, filename);
  await run("tar", ["-xzf", tarball], { cwd: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("publint and attw find nothing", async () => {
  expect(await packageProblems(join(folder, "package"), tarball)).toEqual([]);
});

test("the package imports React and the client, and bundles neither", async () => {
  const text = await readFile(join(folder, "package/dist/index.js"), "utf8");
  const imported = [...text.matchAll(/from "([^"]+)"/g)].map(([, name]) => name);
  expect(new Set(imported)).toEqual(new Set(["react", "@serverless-chat/client/fold"]));
});
