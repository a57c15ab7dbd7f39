/** Tests the commands, each in its own process. */
import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { requestToken } from "../../cli/localIssuer.ts";
import { People } from "../client/people.ts";
import { Command } from "./command.ts";
import { serveChat } from "./servedChat.ts";
import { unusedPort } from "./unusedPort.ts";

const served = serveChat();
const { chat } = served;

/** Runs one of the project's commands to completion. */
async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const command = new Command(process.execPath, ["cli/launch.js", ...args]);
  command.process.stdin.end();
  const code = await command.ended;
  return { code, stdout: command.stdout, stderr: command.stderr };
}

/** Expects that a user sees the mistake in one line and that a script gets a nonzero exit code. */
function expectOneSentence({ code, stdout, stderr }: Awaited<ReturnType<typeof run>>, saying: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(saying);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at |node:internal|\.ts:\d+/m);
}

describe("token", () => {
  test("prints nothing but the token when npm runs it", async () => {
    const npm = new Command("npm", ["run", "-s", "token", "--", "--user", "ana", "--port", served.port]);
    npm.process.stdin.end();
    expect({ code: await npm.ended, stderr: npm.stderr }).toEqual({ code: 0, stderr: "" });
    expect(npm.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  });

  test("prints one line with the token of the user, and nothing else", async () => {
    const { code, stdout, stderr } = await run("cli/token.ts", "--user", "ana", "--port", served.port);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(decodeJwt(stdout.trim())).toMatchObject({ sub: "ana", name: "ana", aud: "local" });
  });

  test("puts the options into the token", async () => {
    const options = ["--user", "u-1", "--name", "Ana Ü", "--audience", "others", "--expires-in", "60"];
    const claims = decodeJwt((await run("cli/token.ts", ...options, "--port", served.port)).stdout.trim());
    expect(claims).toMatchObject({ sub: "u-1", name: "Ana Ü", aud: "others" });
    expect((claims.exp as number) - (claims.iat as number)).toBe(60);
  });

  test("creates a token that has already expired", async () => {
    // parseArgs accepts a value that begins with a dash only in this form.
    const { code, stdout } = await run("cli/token.ts", "--user", "ana", "--expires-in=-60", "--port", served.port);
    expect(code).toBe(0);
    expect(decodeJwt(stdout.trim()).exp).toBeLessThan(Date.now() / 1000);
  });

  test("accepts the same --url as chat", async () => {
    const { code, stdout } = await run("cli/token.ts", "--user", "ana", "--url", served.url);
    expect({ code, subject: decodeJwt(stdout.trim()).sub }).toEqual({ code: 0, subject: "ana" });
  });

  test.each([
    [["--port", "0"], /--port is "0"/],
    [["--port", "70000"], /--port is "70000"/],
    [["--url", "127.0.0.1:4510"], /--url is "127.0.0.1:4510".*ws:/],
    [["--url", "ws://127.0.0.1:4510/dev", "--port", "4510"], /--port and --url/],
  ])("explains what is wrong with %j", async (options, saying) => {
    expectOneSentence(await run("cli/token.ts", "--user", "ana", ...options), saying);
    expectOneSentence(await run("cli/chat.ts", "--name", "ana", ...options), saying);
  });

  test("reports that --user is missing", async () => {
    expectOneSentence(await run("cli/token.ts", "--port", served.port), /--user/);
  });

  test("explains what to start if nothing listens at the port", async () => {
    const unused = await unusedPort();
    const said = await run("cli/token.ts", "--user", "ana", "--port", unused);
    expectOneSentence(said, /npm start/);
    expect(said.stderr).toContain(unused);
  });

  test.each(["soon", ""])("reports that --expires-in %j isn't a number", async (value) => {
    expectOneSentence(
      await run("cli/token.ts", "--user", "ana", `--expires-in=${value}`, "--port", served.port),
      /expires-in/,
    );
  });
});

describe.each(["cli/chat.ts", "cli/token.ts", "cli/publish.ts", "cli/size.ts", "tests/e2e/run.ts", "local/start.ts"])(
  "%s",
  (file) => {
    test("prints its usage for --help and succeeds", async () => {
      const { code, stdout, stderr } = await run(file, "--help");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^ {2}npm (start|run [-\w: ]+) -- /m);
      expect(stdout.split("\n").filter((line) => line.length > 120)).toEqual([]);
    });

    test("names an unknown option", async () => {
      expectOneSentence(await run(file, "--no-such-option"), /--no-such-option/);
    });
  },
);

describe("publish", () => {
  const publish = (...args: string[]) => run("cli/publish.ts", "--port", served.port, ...args);

  test("prints its messages' positions in the room and marks duplicates", async () => {
    const options = ["--room", "published", "--service", "billing"];
    expect(await publish(...options, "one", "two")).toEqual({ code: 0, stdout: "#1\n#2\n", stderr: "" });
    const again = [...options, "--id", "once", "three"];
    expect((await publish(...again)).stdout).toBe("#3\n");
    expect((await publish(...again)).stdout).toBe("#3 (it was there already)\n");
    expectOneSentence(await publish(...options, "--id", "once", "four"), /not published: .*use a new one/);
  });

  test.each([
    [["hello"], /--room is missing/],
    [["--room", "r"], /no text/],
    [["--room", "r", "--id", "1", "a", "b"], /--id belongs to one message/],
    [["--room", "r", "--service", "", "a"], /service: must not be empty/],
  ])("explains what is wrong with %j", async (args, saying) => {
    expectOneSentence(await publish(...args), saying);
  });
});

describe("chat", () => {
  test("shows two people their own lines and each other's", async () => {
    const [ana, bob] = [chat("ana"), chat("bob")];
    await Promise.all([ana.prints(/connected to ws:/), bob.prints(/connected to ws:/)]);

    ana.process.stdin.write("hello from ana\n");
    await Promise.all([ana, bob].map((each) => each.prints(/\d\d:\d\d ana: hello from ana\n/)));
    bob.process.stdin.write("and hello from bob ✓\n");
    await Promise.all([ana, bob].map((each) => each.prints(/\d\d:\d\d bob: and hello from bob ✓\n/)));

    expect(ana.stderr + bob.stderr).toBe("");
    for (const each of [ana, bob]) each.process.stdin.end();
    expect(await Promise.all([ana.ended, bob.ended])).toEqual([0, 0]);
  });

  test("shows others' messages without letting them control the terminal", async () => {
    const [ana, bob] = [chat("ana"), chat("bob")];
    await Promise.all([ana.prints(/connected to ws:/), bob.prints(/connected to ws:/)]);
    bob.process.stdin.write("red \u001b[31malert\u0007 \u202etxt\n");
    await ana.prints(/bob: red .*txt\n/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not appear
    expect(ana.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test("doesn't let a name control the terminal either", async () => {
    const ana = chat("ana");
    await ana.prints(/connected to ws:/);
    const token = await requestToken(`http://127.0.0.1:${served.port}`, { user: "mallory", name: "\u001b[2Jmallory" });
    const mallory = chat("mallory", "--token", token);
    await mallory.prints(/connected to ws:/);
    mallory.process.stdin.write("look at my name\n");
    await ana.prints(/look at my name\n/);
    expect(ana.stdout).not.toContain("\u001b");
  });

  test("refuses a URL without a stage at once", async () => {
    const { code, stdout, stderr } = await run("cli/chat.ts", "--url", `ws://127.0.0.1:${served.port}`);
    expectOneSentence({ code, stdout, stderr }, /--url.*ws:\/\/127\.0\.0\.1:4510\/dev/);
  });

  test("never shows a deleted message again, even if an edit was written after the deletion", async () => {
    const ana = chat("ana");
    await ana.prints(/connected to ws:/);
    const people = new People(served.url);
    const room = people.client("bob").room();
    const { seq } = await room.send("to be deleted").acknowledged;
    await ana.prints(/bob: to be deleted\n/);
    await room.delete(seq).acknowledged;
    await room.edit(seq, "back again").acknowledged.catch(() => undefined);
    await room.send("done").acknowledged;
    people.leave();
    await ana.prints(/bob: done\n/);
    expect(ana.stdout).not.toContain("back again");
  });
});
