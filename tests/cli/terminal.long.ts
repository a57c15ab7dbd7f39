/** Tests the chat's client in a terminal. */
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { Command, endCommands } from "./command.ts";
import { screenOf } from "./screen.ts";

/**
 * The command of util-linux that runs another command in a pseudo-terminal, where it behaves as in a user's terminal.
 */
const SCRIPT = "script";
const hasScript = /util-linux/.test(spawnSync(SCRIPT, ["--version"], { encoding: "utf8" }).stdout ?? "");
const unlessSkipped = hasScript ? "" : " (skipped: install util-linux for its command script)";

describe.skipIf(!hasScript)(`in a terminal${unlessSkipped}`, () => {
  let cloud: LocalCloud;
  let url: string;

  beforeAll(async () => {
    cloud = await startLocalCloud();
    url = cloud.outputs.webSocketUrl as string;
  });
  afterAll(async () => {
    endCommands();
    await cloud?.stop();
  });

  const COLUMNS = 40;
  const inTerminal = (commandLine: string) =>
    new Command(SCRIPT, ["-qec", commandLine, "/dev/null"], { TERM: "xterm", NO_COLOR: "1" });
  const rows = (command: Command) => screenOf(command.stdout, COLUMNS);

  /** Connects two people: ana in a terminal, at an empty prompt, and bob without a terminal. */
  async function anaAndBob(): Promise<[ana: Command, bob: Command]> {
    const client = `"${process.execPath}" cli/launch.js cli/chat.ts --name ana --url ${url}`;
    const [ana, bob] = [
      inTerminal(`stty cols ${COLUMNS} rows 24; exec ${client}`),
      new Command(process.execPath, ["cli/launch.js", "cli/chat.ts", "--name", "bob", "--url", url]),
    ];
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
    const token = `$(npm run -s token -- --user ana --port ${new URL(url).port})`;
    const wscat = inTerminal(`node_modules/.bin/wscat -c ${url} -s chat.v1 -s bearer.${token}`);
    await wscat.prints(/Connected/);
    wscat.process.stdin.write('{"action":"sendMessage","text":"hi by hand"}\r');
    await wscat.prints(/< \{"type":"event".*"user":\{"id":"ana","name":"ana"\}.*"text":"hi by hand"/);
    await wscat.prints(/< \{"type":"ack"/);
  });
});
