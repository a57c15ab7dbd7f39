/** Tests the chat's client without a terminal, as a script runs it, and another client. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestToken } from "../../cli/localIssuer.ts";
import { People } from "../client/people.ts";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { Command, endCommands } from "./command.ts";

let cloud: LocalCloud;
let url: string;
let port: string;

beforeAll(async () => {
  cloud = await startLocalCloud();
  url = cloud.outputs.webSocketUrl as string;
  port = new URL(url).port;
});
afterAll(async () => {
  endCommands();
  await cloud?.stop();
});

const chat = (name: string, ...options: string[]) =>
  new Command(process.execPath, ["cli/launch.js", "cli/chat.ts", "--name", name, "--url", url, ...options]);

describe("chat", () => {
  test("reports that the server refuses a token, and stops trying", async () => {
    const ana = chat("ana", "--token", "garbage");
    await ana.prints(/401.*trying again in \d+\.\d s.*refused; \/connect tries again/s);
    ana.process.stdin.write("/connect\n");
    await ana.prints(/tries again.*401/s);
  });

  test("prints emoji, joiners and right-to-left text unchanged, without moving anything around them", async () => {
    const texts = ["👨‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "می\u200cخواهم", "क्\u200dष", "שלום"];
    const [ana, bob] = [chat("ana"), chat("bob")];
    await Promise.all([ana.prints(/connected to ws:/), bob.prints(/connected to ws:/)]);
    for (const text of texts) bob.process.stdin.write(`${text}\n`);
    await ana.prints(new RegExp(`bob: \u2068${texts.at(-1)}\u2069\n`));
    expect(ana.stdout).toContain(`bob: ${texts[0]}\n`);
    expect(ana.stdout).toContain(`bob: \u2068${texts[1]}\u2069\n`);
    expect(ana.stdout).toContain(`bob: ${texts[2]}\n`);
  });

  test("shows a multi-line text so that no line looks like another message", async () => {
    const ana = chat("ana");
    await ana.prints(/connected to ws:/);
    const people = new People(url);
    await people.client("bob").room().send("first\n#7 12:00 ana: second").acknowledged;
    people.leave();
    await ana.prints(/bob: first\n {2}┆ #7 12:00 ana: second\n/);
  });

  test("writes no colors into files, whatever the environment variables are", async () => {
    const ana = new Command(process.execPath, ["cli/launch.js", "cli/chat.ts", "--name", "ana", "--port", port], {
      FORCE_COLOR: "1",
    });
    await ana.prints(/connected to ws:/);
    ana.process.stdin.write("plain\n");
    await ana.prints(/ana: plain\n/);
    expect(ana.stdout).not.toContain("\u001b");
  });

  test("explains what to start if nothing listens, and retries", async () => {
    const nobody = `ws://127.0.0.1:${await unusedPort()}/dev`;
    const ana = new Command(process.execPath, ["cli/launch.js", "cli/chat.ts", "--name", "ana", "--url", nobody]);
    await ana.prints(/npm start.*trying again in \d+\.\d s/);
    expect(ana.stdout + ana.stderr).not.toMatch(/^\s+at /m);
    // Ctrl-D exits even without a connection.
    ana.process.stdin.end();
    expect(await ana.ended).toBe(0);
  });

  test("marks a line that isn't sent while the server is away, and reports it at the end", async () => {
    const nobody = await unusedPort();
    const ana = new Command(process.execPath, ["cli/launch.js", "cli/chat.ts", "--name", "ana", "--port", nobody]);
    await ana.prints(/trying again/);
    ana.process.stdin.write("into the void\n");
    await ana.prints(/not sent yet: into the void\n/);
    ana.process.stdin.end();
    expect(await ana.ended).toBe(1);
    expect(ana.stderr).toBe("unacknowledged messages: 1\n");
  });
});

test("wscat works as a client", async () => {
  const token = await requestToken(`http://127.0.0.1:${port}`, { user: "ana" });
  const frame = JSON.stringify({ action: "sendMessage", text: "hi by wscat" });
  const protocols = ["-s", "chat.v1", "-s", `bearer.${token}`];
  const wscat = new Command(process.execPath, [
    "node_modules/wscat/bin/wscat",
    "-c",
    url,
    ...protocols,
    "-x",
    frame,
    "-w",
    "2",
  ]);
  await wscat.prints(/"type":"event".*"text":"hi by wscat"/);
  expect(await wscat.ended).toBe(0);
});

async function unusedPort(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return String(port);
}
