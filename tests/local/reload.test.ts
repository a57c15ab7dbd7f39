/** What a save changes in a cloud that runs, and what it leaves alone. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { TestClient } from "../webSocketClient.ts";
import { handler, makeProgram, type ProgramFolder, program, save as saveAt } from "./reloadedProgram.ts";

let folder: ProgramFolder;
let cloud: LocalCloud;
let client: TestClient;

beforeAll(async () => {
  folder = await makeProgram({
    "handler.ts": handler("one"),
    "suffix.ts": 'export const suffix = "!";\n',
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

async function said(frame: object = {}): Promise<string> {
  client.send({ action: "ask", ...frame });
  return (await client.next()).said;
}

describe("a function's file", () => {
  it("is new code for the next event, on the connection that is open", async () => {
    expect(await said()).toBe("one!");
    const { what, ms } = await save("reloaded", "handler.ts", handler("two"));
    expect(what).toEqual(["answer"]);
    expect(ms).toBeLessThan(5_000);
    expect(await said()).toBe("two!");
  });

  it("may be imported by another", async () => {
    expect((await save("reloaded", "suffix.ts", 'export const suffix = "?";\n')).what).toEqual(["answer"]);
    expect(await said()).toBe("two?");
  });

  it("does not touch an event that is under way", async () => {
    client.send({ action: "ask", ms: 1_000 });
    await save("reloaded", "handler.ts", handler("three"));
    expect(await said()).toBe("three?");
    expect((await client.next()).said).toBe("two?");
  });

  it("that is broken leaves what runs, says where the fault is, and is healed by the next save", async () => {
    const { message } = await save("error", "handler.ts", `${handler("four")}\n}}`);
    expect(message).toMatch(/^handler\.ts:8:\d+: /);
    expect(await said()).toBe("three?");
    expect((await save("error", "handler.ts", 'export * from "./missing";')).message).toMatch(
      /^handler\.ts:1:\d+: .*missing/,
    );
    expect(await said()).toBe("three?");
    await save("reloaded", "handler.ts", handler("four"));
    expect(await said()).toBe("four?");
  });

  it("that is missing may come later", async () => {
    await save("error", "handler.ts", `import "./later";${handler("five")}`);
    await save("reloaded", "later.ts", "export {};");
    expect(await said()).toBe("five?");
  });
});

describe("the program", () => {
  it("runs again: its differences are served to the connection that is open, and budgets go on", async () => {
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
