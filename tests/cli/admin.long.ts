/** Tests the operator's commands as typed in a terminal, on a local cloud in which people have written. */

import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join as inFolder } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { requestToken } from "../../cli/localIssuer.ts";
import { Fold } from "../../client/fold/index.ts";
import { Operator, type Row } from "../load/operator.ts";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { hear, join, request, say, unique } from "../rooms/requests.ts";
import { type Frame, TestClient } from "../webSocketClient.ts";
import { Command, endCommands } from "./command.ts";

let cloud: LocalCloud;
let url: string;
let port: string;
let operator: Operator;
let folder: string;
const opened: TestClient[] = [];

beforeAll(async () => {
  const rates = { userRate: 1_000, userBurst: 100_000, roomRate: 1_000, connectRate: 1_000 };
  cloud = await startLocalCloud(Object.entries(rates).flatMap(([key, value]) => ["--config", `${key}=${value}`]));
  url = cloud.outputs.webSocketUrl as string;
  port = new URL(url).port;
  operator = await Operator.of(`http://127.0.0.1:${port}`);
  folder = await mkdtemp(inFolder(tmpdir(), "admin-"));
});
afterAll(async () => {
  endCommands();
  for (const { socket } of opened) socket.terminate();
  await cloud?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

interface Said {
  code: number | null;
  stdout: string;
  stderr: string;
}

async function run(...args: string[]): Promise<Said> {
  const command = new Command(process.execPath, ["cli/launch.js", "cli/admin.ts", ...args]);
  command.process.stdin.end();
  const code = await command.ended;
  return { code, stdout: command.stdout, stderr: command.stderr };
}

const admin = (...args: string[]) => run(...args, "--port", port);

async function exportOf(user: string): Promise<Row[]> {
  const { code, stdout, stderr } = await admin("export", "--user", user);
  const rows = stdout === "" ? [] : linesOf(stdout);
  expect({ code, stderr }).toEqual({ code: 0, stderr: `exported ${rows.length} rows of ${user}\n` });
  return rows;
}

const linesOf = (text: string): Row[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/** @returns the number of erased rows, according to the command */
async function erase(user: string): Promise<number> {
  const { code, stdout, stderr } = await admin("erase", "--user", user);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  expect(stderr).toMatch(/^erased \d+ rows of .+\n$/);
  expect(stderr).toContain(user);
  return Number(/\d+/.exec(stderr)?.[0]);
}

async function setRole(room: string, user: string, role: string): Promise<void> {
  const said = await admin("role", "--room", room, "--user", user, "--role", role);
  expect(said).toEqual({ code: 0, stdout: "", stderr: `${user} is ${role} in ${room}\n` });
}

async function connect(user: string, name = `name of ${user}`): Promise<TestClient> {
  const token = await requestToken(`http://127.0.0.1:${port}`, { user, name });
  const client = await TestClient.open(url, ["chat.v1", `bearer.${token}`]);
  opened.push(client);
  return client;
}

/** All entries of a room, as a member reads them. */
async function historyOf(client: TestClient, room: string): Promise<Frame[]> {
  const entries: Frame[] = [];
  for (let after = 0, more = true; more; ) {
    const page = await request(client, "getHistory", { room, after });
    if (page.type !== "page") throw new Error(`getHistory was answered with ${JSON.stringify(page)}`);
    entries.push(...page.entries);
    ({ through: after, more } = page);
  }
  return entries;
}

async function untilGone(user: string): Promise<void> {
  await vi.waitFor(async () => {
    expect(await operator.rowsOf("connections")).not.toContainEqual(expect.objectContaining({ pk: `USER#${user}` }));
  }, 5_000);
}

/** Expects that a user sees the mistake in one line and that a script gets a nonzero exit code. */
function expectOneSentence({ code, stdout, stderr }: Said, saying: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(saying);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at |node:internal|\.ts:\d+/m);
}

/** Two people with ids in the format of real issuers. Bob's id begins with ana's. */
interface People {
  ana: string;
  bob: string;
  anas: TestClient;
  bobs: TestClient;
  /** A room that both are in and have written in. */
  room: string;
  /** A room in which both have written, and which ana has left. */
  left: string;
  /** A private room whose first member is ana. */
  own: string;
  /** A text that is part of ana's name and of everything that she writes, and of nothing else. */
  secret: string;
  /** The frame of ana's first message, and its position. */
  first: { frame: Row; seq: number };
}

async function peopleWhoWrote(): Promise<People> {
  const ana = unique("auth0|ana/ü");
  const bob = `${ana}2`;
  const [room, left, own] = [unique("a room/ü#"), unique("left"), unique("private-own")];
  const secret = randomUUID();
  const [anas, bobs] = [await connect(ana, `Ana ${secret}`), await connect(bob)];
  await join(room, anas, bobs);
  await join(left, anas, bobs);
  await join(own, anas);
  const frame = { id: unique("first"), action: "sendMessage", room, text: `first ${secret}` };
  const { seq } = await anas.ask(frame);
  const { seq: ofBob } = await say(bobs, room, "bob says so", { replyTo: seq });
  const { seq: second } = await say(anas, room, `second ${secret}`, { replyTo: ofBob });
  await request(anas, "editMessage", { room, target: seq, text: `edited ${secret}` });
  await request(bobs, "editMessage", { room, target: ofBob, text: "bob says something else" });
  await request(anas, "deleteMessage", { room, target: second });
  for (const on of [true, false, true]) await request(anas, "react", { room, target: ofBob, emoji: "🦤", on });
  await request(bobs, "react", { room, target: seq, emoji: "👍" });
  await say(anas, left, `farewell ${secret}`);
  await say(bobs, left, "bye");
  await request(anas, "leaveRoom", { room: left });
  await say(anas, own, `to myself ${secret}`);
  for (const client of [anas, bobs]) client.send({ action: "markRead", room, seq: 3 });
  await vi.waitFor(async () => {
    const { rooms } = await request(anas, "listRooms");
    expect(rooms).toContainEqual(expect.objectContaining({ room, read: 3 }));
  });
  anas.frames.length = bobs.frames.length = 0;
  return { ana, bob, anas, bobs, room, left, own, secret, first: { frame, seq } };
}

describe("export", () => {
  let people: People;
  let rows: Row[];

  beforeAll(async () => {
    people = await peopleWhoWrote();
    await setRole("lobby", people.ana, "moderator");
    rows = await exportOf(people.ana);
  });

  test("contains everything that a person wrote in any room, even in rooms that they have left", () => {
    const { ana, secret } = people;
    const written = rows.filter(({ kind }) => kind !== undefined);
    const summary = written.map(({ kind, text, emoji, on, target }) => [kind, text ?? emoji, on, target]);
    expect(summary.sort()).toEqual(
      [
        ["message", `first ${secret}`, undefined, undefined],
        // This message was deleted.
        ["message", "", undefined, undefined],
        ["edit", `edited ${secret}`, undefined, 1],
        ["delete", undefined, undefined, 3],
        ["reaction", "🦤", true, 2],
        ["reaction", "🦤", false, 2],
        ["reaction", "🦤", true, 2],
        ["message", `farewell ${secret}`, undefined, undefined],
        ["message", `to myself ${secret}`, undefined, undefined],
      ].sort(),
    );
    for (const { user, sentAt, id } of written) {
      expect({ user, sentAt, id }).toEqual({
        user: { id: ana, name: `Ana ${secret}` },
        sentAt: expect.any(Number),
        id: expect.any(String),
      });
    }
  });

  test("contains the person's read positions, connections, memberships and roles", () => {
    const { ana, room, own } = people;
    const others = rows.filter(({ kind }) => kind === undefined);
    const [{ connectionId } = {}] = others.filter(({ pk, sk }) => pk.startsWith("CONN#") && sk === "#");
    expect(others.map(({ pk, sk }) => [pk, sk]).sort()).toEqual(
      [
        [`CONN#${connectionId}`, "#"],
        [`USER#${ana}`, `CONN#${connectionId}`],
        ...["lobby", room, own].flatMap((name) => [
          [`CONN#${connectionId}`, `ROOM#${name}`],
          [`ROOM#${name}`, `CONN#${connectionId}`],
        ]),
        [`USER#${ana}`, `ROOM#${room}`],
        [`USER#${ana}`, `ROOM#${own}`],
        ["ROLES#lobby", `USER#${ana}`],
        [`ROLES#${own}`, `USER#${ana}`],
        [`ROLES#${own}`, "#"],
      ].sort(),
    );
    expect(others).toContainEqual({ pk: `USER#${ana}`, sk: `ROOM#${room}`, readThrough: 3 });
    expect(others).toContainEqual({ pk: "ROLES#lobby", sk: `USER#${ana}`, userId: ana, role: "moderator" });
  });

  test("contains nothing about others", () => {
    const text = JSON.stringify(rows);
    for (const ofBob of [people.bob, "bob says", "bye", "👍"]) expect(text).not.toContain(ofBob);
  });

  test("omits no row with the person's id, except those that expire within days and contain no text", async () => {
    const known = new Set(rows.map(({ pk, sk }) => `${pk} ${sk}`));
    const all = [...(await operator.rowsOf("messages")), ...(await operator.rowsOf("connections"))];
    const names = [people.ana, encodeURIComponent(people.ana)].map((name) => new RegExp(`${escaped(name)}(?!\\d)`));
    const further = all.filter(
      (row) => !known.has(`${row.pk} ${row.sk}`) && names.some((name) => name.test(JSON.stringify(row))),
    );
    expect(new Set(further.map(({ pk }) => pk.split("#")[0]))).toEqual(new Set(["DEDUPE", "RATE"]));
    const days = (row: Row) => (row.expiresAt * 1_000 - Date.now()) / 86_400_000;
    for (const row of further) expect(days(row)).toBeLessThanOrEqual(2);
    expect(JSON.stringify(further)).not.toContain(people.secret);
  });

  test("is empty for a user without data", async () => {
    expect(await exportOf(unique("nobody"))).toEqual([]);
  });

  describe("--out", () => {
    test.skipIf(process.platform === "win32")("writes the rows into a file that only its owner can read", async () => {
      const file = inFolder(folder, "export.jsonl");
      const { code, stdout, stderr } = await admin("export", "--user", people.ana, "--out", file);
      expect({ code, stdout, stderr }).toEqual({
        code: 0,
        stdout: "",
        stderr: expect.stringMatching(/^exported \d+ /),
      });
      expect(linesOf(await readFile(file, "utf8"))).toEqual(rows);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    });

    // Windows has no such file modes.
    test.skipIf(process.platform === "win32")("revokes others' access to an existing file", async () => {
      const file = inFolder(folder, "there.jsonl");
      await writeFile(file, "an earlier export, which is longer\n".repeat(1_000));
      await chmod(file, 0o644);
      expect((await admin("export", "--user", people.ana, "--out", file)).code).toBe(0);
      expect(linesOf(await readFile(file, "utf8"))).toEqual(rows);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    });

    test("explains that the file can't be written", async () => {
      const file = inFolder(folder, "no such folder", "export.jsonl");
      expectOneSentence(await admin("export", "--user", people.ana, "--out", file), /no such folder/);
    });

    test("is ignored by erase, which leaves an existing export alone", async () => {
      const file = inFolder(folder, "kept.jsonl");
      await admin("export", "--user", people.ana, "--out", file);
      await admin("erase", "--user", unique("nobody"), "--out", file);
      expect(linesOf(await readFile(file, "utf8"))).toEqual(rows);
    });
  });
});

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

describe("erase", () => {
  let people: People;
  const before = new Map<string, Frame[]>();
  let further: TestClient;
  let banned: string;
  let count: number;

  beforeAll(async () => {
    people = await peopleWhoWrote();
    const { ana, bob, bobs, room, left, own } = people;
    for (const name of [room, left]) before.set(name, await historyOf(bobs, name));
    await setRole("lobby", ana, "moderator");
    banned = unique("private-bobs");
    await join(banned, bobs);
    await setRole(banned, ana, "banned");
    await setRole(room, bob, "moderator");
    // The ban has closed ana's connection, so she reconnects.
    await vi.waitFor(async () => {
      const rows = await operator.rowsOf("connections");
      expect(rows.filter(({ pk, sk }) => pk === `USER#${ana}` && String(sk).startsWith("CONN#"))).toEqual([]);
      // Her departure has also been announced.
      expect(rows.filter(({ sk }) => sk === `GONE#${ana}`)).toEqual([]);
      expect(rows.filter(({ pk }) => String(pk).startsWith("DEPARTURES#"))).toEqual([]);
    }, 20_000);
    people.anas = await connect(ana, `Ana ${people.secret}`);
    await join(room, people.anas);
    await join(own, people.anas);
    further = await connect(ana, `Ana ${people.secret}`);
    count = await erase(ana);
  });

  test("keeps each entry's position, kind, id and author's id, and none of its content", async () => {
    const { ana, bobs } = people;
    for (const [room, entries] of before) {
      const expected = entries.map((entry) =>
        entry.user.id !== ana
          ? entry
          : {
              ...entry,
              user: { id: ana, name: "" },
              erased: true,
              ...(entry.text === undefined ? {} : { text: "" }),
              ...(entry.emoji === undefined ? {} : { emoji: "", on: false }),
            },
      );
      expect(await historyOf(bobs, room)).toEqual(expected);
      expect(expected.filter(({ erased }) => erased).length).toBeGreaterThan(0);
    }
  });

  test("closes the user's connections and no others", async () => {
    await Promise.all([people.anas.closed, further.closed]);
    expect(await request(people.bobs, "ping")).toMatchObject({ type: "pong" });
  });

  test("leaves no text or name of the user in the tables", async () => {
    await untilGone(people.ana);
    const all = [...(await operator.rowsOf("messages")), ...(await operator.rowsOf("connections"))];
    expect(all.filter((row) => JSON.stringify(row).includes(people.secret))).toEqual([]);
    const exported = await exportOf(people.ana);
    expect(new Set(exported.map(({ kind, role }) => kind ?? role))).toEqual(
      new Set(["message", "edit", "delete", "reaction", "banned"]),
    );
    expect(JSON.stringify(exported)).not.toMatch(new RegExp(`${people.secret}|🦤`));
  });

  test("reports the number of erased rows, and 0 the second time", async () => {
    // 9 entries; 2 connections, one with 3 rooms and one with the lobby; 2 read markers; 3 rows of roles.
    expect(count).toBe(9 + (2 + 2 * 3) + (2 + 2) + 2 + 3);
    await untilGone(people.ana);
    expect(await erase(people.ana)).toBe(0);
  });

  test("keeps a ban and removes other roles", async () => {
    const [anas, stranger] = [await connect(people.ana), await connect(unique("stranger"))];
    expect(await request(anas, "joinRoom", { room: banned })).toMatchObject({ code: "FORBIDDEN" });
    const { seq } = await say(stranger, "lobby", "not hers to take back");
    expect(await request(anas, "deleteMessage", { room: "lobby", target: seq })).toMatchObject({ code: "FORBIDDEN" });
    // The private room gets no new first member, although its first member was erased.
    for (const client of [anas, stranger]) {
      expect(await request(client, "joinRoom", { room: people.own })).toMatchObject({ code: "FORBIDDEN" });
    }
    await setRole(people.room, people.bob, "moderator");
    const { seq: rude } = await say(await joined(stranger), people.room, "rude");
    expect(await request(people.bobs, "deleteMessage", { room: people.room, target: rude })).toMatchObject({
      type: "ack",
    });
  });

  async function joined(client: TestClient): Promise<TestClient> {
    await join(people.room, client);
    return client;
  }

  test("acknowledges a retry of an erased message without restoring it", async () => {
    const { room, first, bobs, ana } = people;
    const anas = await joined(await connect(ana));
    for (const retry of [{ retry: true }, {}]) {
      expect(await anas.ask({ ...first.frame, ...retry } as Row & { id: string })).toMatchObject({
        type: "ack",
        seq: first.seq,
        duplicate: true,
      });
    }
    const found = (await historyOf(bobs, room)).find(({ seq }) => seq === first.seq);
    expect(found).toMatchObject({ erased: true, text: "", user: { id: ana, name: "" } });
  });

  test("lets the log continue afterward", async () => {
    const { bobs, room, ana } = people;
    const anas = await joined(await connect(ana, "Ana again"));
    const { head } = await request(bobs, "getHistory", { room });
    const { seq } = await say(bobs, room, "life goes on");
    expect(seq).toBeGreaterThan(head);
    await hear(anas, "life goes on");
    await say(anas, room, "so it does");
    expect((await historyOf(bobs, room)).at(-1)).toMatchObject({ text: "so it does", user: { name: "Ana again" } });
  });

  test("keeps the erased entries in the log, and a client shows them as deleted", async () => {
    const { bobs, room, first, ana } = people;
    const fold = new Fold();
    fold.add(await historyOf(bobs, room));
    expect(fold.message(first.seq)).toMatchObject({ isDeleted: true, text: "", user: { id: ana, name: "" } });
    const ofBob = fold.message(first.seq + 1);
    expect(ofBob).toMatchObject({ isDeleted: false, text: "bob says something else", replyTo: first.seq });
    expect(ofBob?.reactions.size).toBe(0);
    expect([...(fold.message(first.seq)?.reactions.keys() ?? [])]).toEqual(["👍"]);
  });
});

test("export and erase continue from page to page, because a scan reads at most 1 MB", async () => {
  const [ana, room] = [unique("writer"), unique("long room")];
  const [anas, bobs] = [await connect(ana, "Ana"), await connect(unique("reader"))];
  await join(room, anas, bobs);
  await request(bobs, "leaveRoom", { room });
  const MESSAGES = 300;
  const text = (i: number) => `${i} ${"x".repeat(8_000)}`;
  for (let i = 0; i < MESSAGES; i += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, j) => say(anas, room, text(i + j))));
  }
  const from = cloud.reports.length;
  const exported = (await exportOf(ana)).filter(({ kind }) => kind === "message").map((row) => row.text);
  expect(exported.sort()).toEqual(Array.from({ length: MESSAGES }, (_, i) => text(i)).sort());
  expect(invocationsSince(from, "exported")).toBeGreaterThanOrEqual(1 + 3);

  expect(await erase(ana)).toBeGreaterThanOrEqual(MESSAGES);
  expect(invocationsSince(from, "erased")).toBeGreaterThanOrEqual(1 + 3);
  await join(room, bobs);
  const entries = await historyOf(bobs, room);
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: MESSAGES }, (_, i) => i + 1));
  expect(new Set(entries.map(({ kind, text, erased }) => `${kind} ${text} ${erased}`))).toEqual(
    new Set(["message  true"]),
  );
});

/** Counts the admin function's invocations that did this, by the log lines since a position in the cloud's reports. */
function invocationsSince(from: number, did: string): number {
  const lines = cloud.reports.slice(from).flatMap((report) => (report.event === "log" ? [report.line] : []));
  return lines.filter((line) => line.includes('"route":"admin"') && line.includes(`"did":"${did}"`)).length;
}

describe("role", () => {
  let name: string;
  let moderator: TestClient;
  let troll: string;
  let trolls: TestClient;
  let room: string;

  beforeEach(async () => {
    [name, troll, room] = [unique("moderator"), unique("troll"), unique("public")];
    [moderator, trolls] = [await connect(name), await connect(troll)];
    await join(room, moderator, trolls);
  });

  test("makes a lobby moderator, who can delete others' messages and ban until the role is removed", async () => {
    const { seq } = await say(trolls, "lobby", "rude");
    const [takeBack, ban] = [
      () => request(moderator, "deleteMessage", { room: "lobby", target: seq }),
      () => request(moderator, "ban", { room: "lobby", user: troll }),
    ];
    for (const ask of [takeBack, ban]) expect(await ask()).toMatchObject({ code: "FORBIDDEN" });
    await setRole("lobby", name, "moderator");
    for (const ask of [takeBack, ban]) expect(await ask()).toMatchObject({ type: "ack" });
    await trolls.closed;
    const again = await connect(troll);
    expect(await request(again, "sendMessage", { text: "me again" })).toMatchObject({ code: "NOT_A_MEMBER" });
    await setRole("lobby", name, "member");
    expect(await ban()).toMatchObject({ code: "FORBIDDEN" });
  });

  test("gives a person access to a private room", async () => {
    const own = unique("private-room");
    await join(own, moderator);
    expect(await request(trolls, "joinRoom", { room: own })).toMatchObject({ code: "FORBIDDEN" });
    await setRole(own, troll, "member");
    await join(own, trolls);
  });

  test("bans a person from a room: they can't rejoin until their role is set to member", async () => {
    await setRole(room, troll, "banned");
    const again = await connect(troll);
    expect(await request(again, "joinRoom", { room })).toMatchObject({ code: "FORBIDDEN" });
    await setRole(room, troll, "member");
    await join(room, again);
  });

  test("bans a person who is in the room: they get no more events and can't write", async () => {
    await setRole(room, troll, "banned");
    const answer = await Promise.race([
      trolls.closed.then(() => ({ type: "closed" })),
      request(trolls, "sendMessage", { room, text: "still here" }),
    ]);
    expect(answer.type).not.toBe("ack");
    await say(moderator, room, "peace");
    await hear(moderator, "peace");
    expect(trolls.frames.filter(({ type }) => type === "event")).toEqual([]);
  });
});

describe("explains in one sentence what is wrong", () => {
  const role = (...options: string[]) => ["role", "--user", "ana", ...options];

  test.each<[string, string[], RegExp]>([
    ["no command", [], /export, erase or role/],
    ["no command, but options", ["--user", "ana"], /export, erase or role/],
    ["an unknown command", ["remove", "--user", "ana"], /"remove".*export, erase or role/],
    ["more than one command", ["export", "erase", "--user", "ana"], /"export erase"/],
    ["export without --user", ["export"], /--user is missing/],
    ["erase without --user", ["erase"], /--user is missing/],
    ["role without --user", ["role", "--room", "lobby", "--role", "member"], /--user is missing/],
    ["--user without a value", ["erase", "--user"], /--user/],
    ["an empty --user", ["erase", "--user", ""], /--user is missing/],
    ["role without --room", role("--role", "member"), /--room/],
    ["role without --role", role("--room", "lobby"), /--role moderator \| member \| banned/],
    ["an unknown role", role("--room", "lobby", "--role", "king"), /moderator \| member \| banned/],
    ["an unknown option", ["export", "--no-such-option"], /--no-such-option/],
  ])("%s", async (_, args, saying) => {
    expectOneSentence(await admin(...args), saying);
  });

  test("nothing listens at the port", async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    const unused = String((probe.address() as AddressInfo).port);
    await new Promise((resolve) => probe.close(resolve));
    const said = await run("export", "--user", "ana", "--port", unused);
    expectOneSentence(said, /npm start/);
    expect(said.stderr).toContain(unused);
  });

  test("an unknown stack", async () => {
    expectOneSentence(await run("export", "--user", "ana", "--stack", "nowhere"), /Pulumi\.nowhere\.yaml/);
  });
});

test("--help prints the usage and succeeds", async () => {
  const { code, stdout, stderr } = await run("--help");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const command of ["export", "erase", "role"]) expect(stdout).toContain(`npm run admin -- ${command} `);
  expect(stdout.split("\n").filter((line) => line.length > 120)).toEqual([]);
});
