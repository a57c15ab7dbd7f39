/** Tests what happens when the program is saved while its cloud runs: broken, with large changes, or many times. */
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

describe("the program", () => {
  it("that doesn't compile, imports a missing file or throws leaves the previous one running and reports the error's location", async () => {
    for (const [text, fault] of [
      [`${program()}\n}}`, /index\.ts\(\d+,1\)/],
      [`import "./nothing";${program()}`, /Cannot find module '.\/nothing'[\s\S]*index\.ts:1:/],
      [
        program({ last: 'throw new Error("not today");' }),
        new RegExp(`not today[\\s\\S]*index\\.ts:${lineOf("not today")}:`),
      ],
    ] as const) {
      const { message } = await save("error", "index.ts", text);
      expect(message).toMatch(fault);
      expect(message).not.toContain("node_modules");
      expect(message).not.toContain("node:internal");
      expect(await said()).toBe("one!");
    }
    await save("reloaded", "index.ts", program({ routes: ["ask"] }));
    client.send({ action: "rare" });
    expect((await client.next()).message).toBe("Forbidden");
  });

  it("applies the stack's current configuration", async () => {
    const before = cloud.reports.length;
    await folder.save("Pulumi.dev.yaml", "config:\n  aws:region: eu-central-1\n  greeting: good evening\n");
    const reads = program().replace('GREETING: "hello"', 'GREETING: new pulumi.Config().require("greeting")');
    await folder.save("index.ts", reads);
    await cloud.waitFor("reloaded", (report) => cloud.reports.indexOf(report) >= before);
    client.send({ action: "ask" });
    expect((await client.next()).greeting).toBe("good evening");
  });

  it("creates new tables, and doesn't delete a table that is removed or gets a different key", async () => {
    expect((await save("reloaded", "index.ts", program({ tables: ["kept"] }))).what).toContain("+ Table kept");
    for (const text of [program({ tables: [] }), program({ tables: ["kept"], key: "other" })]) {
      const { losses } = await save("confirm", "index.ts", text);
      expect(losses).toEqual(["the table kept with all its items"]);
    }
    expect((await save("reloaded", "index.ts", program({ tables: ["kept"] }))).what).toEqual([]);
  });

  it("isn't forgotten if it is saved once more without a change while it runs", async () => {
    const [running, blocked] = [join(folder.path, "running"), join(folder.path, "blocked")];
    const last = `
      require("node:fs").writeFileSync(${JSON.stringify(running)}, "");
      while (require("node:fs").existsSync(${JSON.stringify(blocked)})) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      }`;
    await writeFile(blocked, "");
    const index = program({ tables: ["kept"], greeting: "again", last });
    await folder.save("index.ts", index);
    await expect.poll(() => existsSync(running)).toBe(true);
    await rm(running);
    const reloaded = save("reloaded", "index.ts", index);
    // The run that was stopped would write nothing more.
    await expect.poll(() => existsSync(running)).toBe(true);
    await rm(blocked);
    expect((await reloaded).what).toEqual(["~ Function answer"]);
  });

  it("starts over if it is saved during a run, and a handler saved in between isn't lost", async () => {
    const before = cloud.reports.length;
    await folder.save("index.ts", program({ tables: ["kept"], greeting: "first" }));
    await cloud.waitFor("changed", (report) => cloud.reports.indexOf(report) >= before);
    await folder.save("index.ts", program({ tables: ["kept"], greeting: "second" }));
    await folder.save("handler.ts", handler("six"));
    await cloud.waitFor(
      "reloaded",
      (report) => cloud.reports.indexOf(report) >= before && report.what.includes("~ Function answer"),
    );
    client.send({ action: "ask" });
    expect(await client.next()).toMatchObject({ said: "six!", greeting: "second" });
  });
});

it("after twenty saves in a row, some of them broken, the last working version runs", { timeout: 60_000 }, async () => {
  for (let i = 0; i < 20; i++) {
    const isBroken = i % 2 === 0;
    const text = `${handler(`save ${i}`)}${isBroken ? "\n}}" : ""}`;
    await save(isBroken ? "error" : "reloaded", "handler.ts", text);
    expect(await said()).toBe(i === 0 ? "six!" : `save ${isBroken ? i - 1 : i}!`);
  }
  await save("reloaded", "index.ts", program({ tables: ["kept"], greeting: "at the end" }));
  client.send({ action: "ask" });
  expect(await client.next()).toMatchObject({ said: "save 19!", greeting: "at the end" });
});

function lineOf(text: string): number {
  return program({ last: text }).split("\n").indexOf(text) + 1;
}
