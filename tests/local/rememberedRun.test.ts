/** Tests starts that serve what the program registered last time, before it has run again. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type LocalCloud, spawnLocalCloud } from "../localCloud.ts";
import { TestClient } from "../webSocketClient.ts";
import { handler, makeProgram, type ProgramFolder, program } from "./reloadedProgram.ts";

let folder: ProgramFolder;
let cache: string;
let cloud: LocalCloud | undefined;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "remembered-"));
});
afterAll(() => rm(cache, { recursive: true }));

beforeEach(async () => {
  folder = await makeProgram({ "handler.ts": handler("one"), "suffix.ts": 'export const suffix = "";\n' });
});
afterEach(async () => {
  await cloud?.stop();
  await folder.remove();
});

async function start(env: Record<string, string> = {}): Promise<LocalCloud> {
  await cloud?.stop();
  cloud = spawnLocalCloud(["--watch", "--program", folder.path], { SERVERLESS_CHAT_CACHE: cache, ...env });
  await cloud.waitFor("ready");
  return cloud;
}

/** Whether the program had not run when the cloud was ready. */
function wasRemembered({ reports }: LocalCloud): boolean {
  return reports.some((report) => report.event === "step" && report.what.startsWith("served what was registered"));
}

/** Resolves when the program has run after a remembered start and nothing had changed. */
const confirmed = (at: LocalCloud) => at.waitFor("step", ({ what }) => what.includes("the same resources"));

async function answer(at: LocalCloud): Promise<{ said: string; greeting: string }> {
  const { outputs } = await at.waitFor("ready");
  const client = await TestClient.open(outputs.url as string);
  client.send({ action: "ask" });
  const answered = await client.next();
  client.close();
  return answered;
}

test("the second start serves at once what the first one registered, and the program runs again afterward", async () => {
  await folder.save("index.ts", program());
  expect(wasRemembered(await start())).toBe(false);

  const second = await start();
  expect(wasRemembered(second)).toBe(true);
  expect(await answer(second)).toMatchObject({ said: "one", greeting: "hello" });
  await confirmed(second);

  // Saves are applied as after any other start.
  await folder.save("handler.ts", handler("two"));
  expect((await second.waitFor("reloaded")).what).toEqual(["answer"]);
  expect(await answer(second)).toMatchObject({ said: "two" });
});

test("a file that has changed since makes the program run first", async () => {
  await folder.save("index.ts", program());
  await start();
  await folder.save("handler.ts", handler("two"));
  const second = await start();
  expect(wasRemembered(second)).toBe(false);
  expect(await answer(second)).toMatchObject({ said: "two" });
});

test("what the program registers differently is applied, although none of its files has changed", async () => {
  await folder.save("index.ts", program({ greeting: '" + process.env.GREETING_NOW + "' }));
  await start({ GREETING_NOW: "good morning" });
  const second = await start({ GREETING_NOW: "good evening" });
  expect(wasRemembered(second)).toBe(true);
  expect((await second.waitFor("reloaded")).what).toEqual(["~ Function answer"]);
  expect(await answer(second)).toMatchObject({ greeting: "good evening" });
});

test("a program that fails now is reported, and what it registered last time stays", async () => {
  await folder.save("index.ts", program({ last: 'if (process.env.FAILS) throw new Error("no such day");' }));
  await start();
  const second = await start({ FAILS: "yes" });
  expect((await second.waitFor("error")).message).toContain("no such day");
  expect(await answer(second)).toMatchObject({ said: "one" });
});

test("a program that registers a secret isn't stored", async () => {
  const secret = 'new aws.sqs.Queue("told", { tags: { word: pulumi.secret("open sesame") } });';
  await folder.save("index.ts", program({ last: secret }));
  await start();
  const runs = join(cache, "runs");
  const stored = await Promise.all((await readdir(runs)).map((name) => readFile(join(runs, name), "utf8")));
  expect(stored.join()).not.toContain("open sesame");
  expect(wasRemembered(await start())).toBe(false);
});
