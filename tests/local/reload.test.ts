/** Tests what saves change in a running cloud, and what they leave alone. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../local/report.ts";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { TestClient } from "../webSocketClient.ts";
import { handler, makeProgram, type ProgramFolder, program, save as saveAt } from "./reloadedProgram.ts";

let folder: ProgramFolder;
let cloud: LocalCloud;
let client: TestClient;

beforeAll(async () => {
  folder = await makeProgram({
    "handler.ts": handler("one"),
    "suffix.ts": suffixed("!"),
    "index.ts": program({ routes: ["ask", "rare"] }),
  });
  cloud = await startLocalCloud(["--watch", "--program", folder.path]);
  client = await TestClient.open(cloud.outputs.url as string);
}, 60_000);
afterAll(async () => {
  await cloud?.stop();
  await folder?.remove();
});

const save = <Event extends "reloaded" | "error" | "confirm">(event: Event, file: string, text: string) =>
  saveAt({ cloud, folder }, event, file, text);

function suffixed(suffix: string): string {
  return `export const suffix = "${suffix}";\n`;
}

async function said(frame: object = {}): Promise<string> {
  client.send({ action: "ask", ...frame });
  return (await client.next()).said;
}

/** The current contents of the function's files. */
const saved = { "handler.ts": handler("one"), "suffix.ts": suffixed("!") };

/** Saves a file of the function, and waits until the new code is in use. */
async function change(file: keyof typeof saved, text: string): Promise<Extract<Report, { event: "reloaded" }>> {
  saved[file] = text;
  return save("reloaded", file, text);
}

/** Prepares a test: makes the function answer with this version, whatever an earlier test has left. */
async function answering(version: string): Promise<void> {
  if (saved["suffix.ts"] !== suffixed("!")) await change("suffix.ts", suffixed("!"));
  if (saved["handler.ts"] !== handler(version)) await change("handler.ts", handler(version));
  expect(await said()).toBe(`${version}!`);
}

describe("a function's file", () => {
  it("takes effect at the next event, on a connection that is already open", async () => {
    await answering("one");
    const { what, ms } = await change("handler.ts", handler("two"));
    expect(what).toEqual(["answer"]);
    expect(ms).toBeLessThan(5_000);
    expect(await said()).toBe("two!");
  });

  it("may be a module that the handler's file imports", async () => {
    await answering("imports");
    expect((await change("suffix.ts", suffixed("?"))).what).toEqual(["answer"]);
    expect(await said()).toBe("imports?");
  });

  it("doesn't affect an event in progress when it is saved", async () => {
    await answering("before");
    client.send({ action: "ask", ms: 1_000 });
    await change("handler.ts", handler("after"));
    const answers = [await said(), (await client.next()).said];
    expect(answers.sort()).toEqual(["after!", "before!"]);
  });

  it("that is broken keeps the running code and reports the error's location; the next save fixes it", async () => {
    await answering("whole");
    const { message } = await save("error", "handler.ts", `${handler("broken")}\n}}`);
    expect(message).toMatch(/^handler\.ts:8:\d+: /);
    expect(await said()).toBe("whole!");
    expect((await save("error", "handler.ts", 'export * from "./missing";')).message).toMatch(
      /^handler\.ts:1:\d+: .*missing/,
    );
    expect(await said()).toBe("whole!");
    await change("handler.ts", handler("fixed"));
    expect(await said()).toBe("fixed!");
  });

  it("that is missing may be created later", async () => {
    await answering("without");
    saved["handler.ts"] = `import "./later";${handler("with")}`;
    await save("error", "handler.ts", saved["handler.ts"]);
    await save("reloaded", "later.ts", "export {};");
    expect(await said()).toBe("with!");
  });
});

describe("the program", () => {
  it("runs again when it is saved: open connections see its changes, and rate limits continue", async () => {
    client.send({ action: "rare" });
    expect((await client.next()).action).toBe("rare");
    const keys = await issuerKeys();

    const { what } = await save(
      "reloaded",
      "index.ts",
      program({ greeting: "good day", routes: ["ask", "rare", "new"] }),
    );
    expect(what).toContain("~ Function answer");
    expect(what).toContain("+ Route reloaded-new");
    expect(what).not.toContain("~ Api reloaded");

    client.send({ action: "new" });
    expect(await client.next()).toMatchObject({ action: "new", greeting: "good day" });
    client.send({ action: "rare" });
    expect((await client.next()).message).toBe("Too Many Requests");
    expect(await issuerKeys()).toBe(keys);
  });
});

async function issuerKeys(): Promise<string> {
  const { host } = new URL(cloud.outputs.url as string);
  return (await fetch(`http://${host}/.well-known/jwks.json`)).text();
}
