/** Follows "Add a route" in CONTRIBUTING.md to the letter in a copy of the project. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestToken } from "../../cli/localIssuer.ts";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { ROOT } from "../program/stack.ts";
import { TestClient } from "../webSocketClient.ts";
import { additions } from "./additions.ts";

let folder: string;
let cloud: LocalCloud | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "contributing-"));
  await cp(ROOT, folder, { recursive: true, filter: (path) => !/\/(node_modules|\.git)(\/|$)/.test(path) });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
});
afterAll(async () => {
  await cloud?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('the steps of CONTRIBUTING\'s section "Add a route" produce a route that answers', async () => {
  const all = await additions();
  expect(all.map(({ file }) => file)).toEqual([
    "protocol/actions.ts",
    "protocol/requests.ts",
    "protocol/responses.ts",
    "protocol/responses.ts",
    "handlers/countMembers.ts",
    "index.ts",
  ]);
  for (const { file, before, text } of all) {
    const path = join(folder, file);
    if (before === undefined) {
      await writeFile(path, text);
      continue;
    }
    const source = await readFile(path, "utf8");
    await writeFile(
      path,
      source.replace(before, () => `${text}${before}`),
    );
  }
  cloud = await startLocalCloud(["--program", folder]);
  const url = cloud.outputs.webSocketUrl as string;
  const token = await requestToken(`http://${new URL(url).host}`, { user: "ana" });
  const client = await TestClient.open(url, ["chat.v1", `bearer.${token}`]);
  const answer = await client.ask({ id: "1", action: "countMembers" });
  expect(answer).toEqual({ type: "count", id: "1", members: 1 });
  await client.close();
}, 120_000);
