/** Tests the chat's client, in a terminal and without one, and another client. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { requestToken } from "../../cli/localIssuer.ts";
import { People } from "../client/people.ts";
import { Command } from "./command.ts";
import { screenOf } from "./screen.ts";
import { serveChat } from "./servedChat.ts";
import { unusedPort } from "./unusedPort.ts";

const served = serveChat();
const { chat } = served;

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
    const people = new People(served.url);
    await people.client("bob").room().send("first\n#7 12:00 ana: second").acknowledged;
    people.leave();
    await ana.prints(/bob: first\n {2}┆ #7 12:00 ana: second\n/);
  });

  test("writes no colors into files, whatever the environment variables are", async () => {
    const ana = new Command(
      process.execPath,
      ["cli/launch.js", "cli/chat.ts", "--name", "ana", "--port", served.port],
      {
        FORCE_COLOR: "1",
      },
    );
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
  const token = await requestToken(`http://127.0.0.1:${served.port}`, { user: "ana" });
  const frame = JSON.stringify({ action: "sendMessage", text: "hi by wscat" });
  const protocols = ["-s", "chat.v1", "-s", `bearer.${token}`];
  const wscat = new Command(process.execPath, [
    "node_modules/wscat/bin/wscat",
    "-c",
    served.url,
    ...protocols,
    "-x",
    frame,
    "-w",
    "2",
  ]);
  await wscat.prints(/"type":"event".*"text":"hi by wscat"/);
  expect(await wscat.ended).toBe(0);
});

/**
 * The command of util-linux that runs another command in a pseudo-terminal, where it behaves as in a user's terminal.
 */
const SCRIPT = "script";
const hasScript = /util-linux/.test(spawnSync(SCRIPT, ["--version"], { encoding: "utf8" }).stdout ?? "");
const unlessSkipped = hasScript ? "" : " (skipped: install util-linux for its command script)";

describe.skipIf(!hasScript)(`in a terminal${unlessSkipped}`, () => {
  const COLUMNS = 40;
  const inTerminal = (commandLine: string) =>
    new Command(SCRIPT, ["-qec", commandLine, "/dev/null"], { TERM: "xterm", NO_COLOR: "1" });
  const rows = (command: Command) => screenOf(command.stdout, COLUMNS);

  /** Connects two people: ana in a terminal, at an empty prompt, and bob without a terminal. */
  async function anaAndBob(): Promise<[ana: Command, bob: Command]> {
    const client = `"${process.execPath}" cli/launch.js cli/chat.ts --name ana --url ${served.url}`;
    const [ana, bob] = [inTerminal(`stty cols ${COLUMNS} rows 24; exec ${client}`), chat("bob")];
    await Promise.all([ana.prints(/connected to ws:/), bob.prints(/connected to ws:/)]);
    await ana.until("an empty prompt", () => rows(ana).at(-1) === "ana>");
    return [ana, bob];
  }

  test("a line being typed stays when a message arrives", async () => {
    const [ana, bob] = await anaAndBob();
    ana.process.stdin.write("half a li");
    await ana.until("what is typed", () => rows(ana).at(-1) === "ana> half a li");

    bob.process.stdin.write("in between\n");
    await ana.until("the message above what is typed", () => {
      const [above = "", last] = rows(ana).slice(-2);
      return last === "ana> half a li" && /^#\d+ \d\d:\d\d bob: in between$/.test(above);
    });

    ana.process.stdin.write("ne\r");
    await bob.prints(/ana: half a line\n/);
    await ana.until("the sent message above an empty prompt", () => {
      const [above = "", last] = rows(ana).slice(-2);
      return last === "ana>" && /ana: half a line$/.test(above);
    });
  });

  test("a line wider than the terminal stays whole, and so do incoming messages", async () => {
    const [ana, bob] = await anaAndBob();
    const typed = `ana> ${"z".repeat(COLUMNS + 10)}`;
    ana.process.stdin.write(typed.slice("ana> ".length));
    await ana.until("what is typed", () => rows(ana).slice(-2).join("") === typed);

    for (const text of ["this", "that"]) {
      bob.process.stdin.write(`${text}\n`);
      await ana.prints(new RegExp(`bob: ${text}`));
    }
    const asItShouldBe = [expect.stringMatching(/bob: this$/), expect.stringMatching(/bob: that$/), ...wrapped(typed)];
    await expect.poll(() => rows(ana).slice(-4)).toEqual(asItShouldBe);
    // The typed text appears once; no part of it remains above the messages.
    expect(rows(ana).join("").split("z").length - 1).toBe(COLUMNS + 10);
  });

  test("a pasted block is one message, and a pasted command isn't executed", async () => {
    const [ana, bob] = await anaAndBob();
    ana.process.stdin.write("\x1b[200~one\r/edit 1 no\r\x1b[201~");
    await ana.until("the block in the line", () => rows(ana).at(-1) === "ana> one␤/edit 1 no");
    ana.process.stdin.write("\r");
    await bob.prints(/ana: one\n {2}┆ \/edit 1 no\n/);
    ana.process.stdin.write("\x1b[200~/leave\x1b[201~ or not\r");
    await bob.prints(/ana: \/leave or not\n/);
    // After a typed command, the pasted block is the command's argument.
    ana.process.stdin.write("/join \x1b[200~den\x1b[201~\r");
    await ana.until("the prompt of the room", () => rows(ana).at(-1) === "ana in den>");
  });

  test("/leave returns to the lobby, which itself can't be left", async () => {
    const [ana, bob] = await anaAndBob();
    ana.process.stdin.write("/join den\r");
    await ana.until("the prompt of the room", () => rows(ana).at(-1) === "ana in den>");
    ana.process.stdin.write("/leave\r");
    await ana.until("the prompt of the lobby", () => rows(ana).at(-1) === "ana>");
    ana.process.stdin.write("/leave\r");
    await ana.prints(/this is the lobby, which \/leave returns to/);
    bob.process.stdin.write("still here?\r");
    await ana.prints(/bob: still here\?/);
  });

  test("a paste may arrive in pieces of any size", async () => {
    const [ana, bob] = await anaAndBob();
    for (const byte of Buffer.from("\x1b[200~é\r/who\x1b[201~", "utf8")) ana.process.stdin.write(Buffer.of(byte));
    await ana.until("the block in the line", () => rows(ana).at(-1) === "ana> é␤/who");
    ana.process.stdin.write("\r");
    await bob.prints(/ana: é\n {2}┆ \/who\n/);
  });

  test("Ctrl-C leaves a clean line and restores the terminal", async () => {
    const [ana] = await anaAndBob();
    ana.process.stdin.write("half a li");
    await ana.until("what is typed", () => rows(ana).at(-1) === "ana> half a li");
    ana.process.stdin.write("\x03");
    expect(await ana.ended).toBe(0);
    // Nothing remains of the line being typed; earlier messages are still above it.
    expect(rows(ana).at(-1)).not.toContain("ana>");
    expect(ana.stdout.lastIndexOf("\x1b[?2004l")).toBeGreaterThan(ana.stdout.lastIndexOf("\x1b[?2004h"));
  });

  const wrapped = (line: string) => [line.slice(0, COLUMNS), line.slice(COLUMNS)];

  test("wscat works by hand with a token from npm", async () => {
    const token = `$(npm run -s token -- --user ana --port ${served.port})`;
    const wscat = inTerminal(`node_modules/.bin/wscat -c ${served.url} -s chat.v1 -s bearer.${token}`);
    await wscat.prints(/Connected/);
    wscat.process.stdin.write('{"action":"sendMessage","text":"hi by hand"}\r');
    await wscat.prints(/< \{"type":"event".*"user":\{"id":"ana","name":"ana"\}.*"text":"hi by hand"/);
    await wscat.prints(/< \{"type":"ack"/);
  });
});
