/** Tests which entries and events a subscriber to a room gets, from when, and until when. */
import { beforeEach, describe, expect, test } from "vitest";
import type { ChatError, Client } from "../../client/index.ts";
import type { Frame } from "../webSocketClient.ts";
import { Reader } from "./reader.ts";
import { person, refusal } from "./virtual/server.ts";
import type { VirtualSocket } from "./virtual/socket.ts";
import { outcomeOf, World } from "./virtual/world.ts";

const MINUTE_MS = 60_000;

let world: World;
let client: Client;
beforeEach(async () => {
  world = new World();
  client = await world.openClient();
});

const say = (room: string, ...texts: string[]) => {
  for (const text of texts) world.server.push(room, world.server.write(room, text));
  return world.pass();
};
/** Delays an answer: the request takes effect at once, but its answer may come after later events. */
const late = (frame: Frame, socket: VirtualSocket, usual: () => Frame | undefined) => {
  const answer = { id: frame.id, ...usual() };
  world.clock.after(2_000, () => socket.say(JSON.stringify(answer)));
  return undefined;
};
const joins = () => world.server.asked("joinRoom");
const hellos = () => world.server.asked("hello");

describe("a subscription", () => {
  test("gets the newest page first, and then new entries", async () => {
    for (let i = 1; i <= 120; i++) world.server.write("den", `message ${i}`);
    const reader = new Reader(client.room("den"));
    await world.pass();
    expect(reader.seqs).toEqual(Array.from({ length: 100 }, (_, i) => i + 21));
    await say("den", "and on");
    expect(reader.texts.at(-1)).toBe("and on");
    expect(joins()).toMatchObject([{ room: "den" }]);
    expect(joins()[0]).not.toHaveProperty("after");
  });

  test.each([
    ["the whole log, with 0", 0, 250],
    ["the entries after a cursor", 170, 80],
    ["only new entries if the cursor is at the log's end", 250, 0],
  ])("gets %s", async (_, after, count) => {
    for (let i = 1; i <= 250; i++) world.server.write("den", `message ${i}`);
    const reader = new Reader(client.room("den"), after);
    await world.pass(2_000);
    expect(reader.seqs).toEqual(Array.from({ length: count }, (_, i) => after + i + 1));
    await say("den", "news");
    expect(reader.texts.at(-1)).toBe("news");
  });

  test("that is made without a connection gets the newest page once there is a connection", async () => {
    world = new World();
    world.server.write("den", "hi");
    client = world.client();
    const reader = new Reader(client.room("den"));
    await world.pass();
    expect(reader.texts).toEqual(["hi"]);
    expect(joins()).toHaveLength(1);
  });

  test("that is made again before the first join is answered gets the newest page", async () => {
    world.server.write("den", "one");
    world.server.on("joinRoom", late, 1);
    const first = new Reader(client.room("den"));
    await world.pass();
    first.unsubscribe();
    const second = new Reader(client.room("den"));
    await world.pass(5_000);
    expect([first.texts, second.texts]).toEqual([[], ["one"]]);
  });

  test("to a room that already has one gets entries from then on and costs no request", async () => {
    await say("lobby", "one");
    const first = new Reader(client.room());
    await world.pass();
    const second = new Reader(client.room());
    await say("lobby", "two");
    expect([first.texts, second.texts]).toEqual([["one", "two"], ["two"]]);
    expect(joins()).toHaveLength(1);
  });

  test("with a cursor that the log doesn't have is told so and starts with the newest page", async () => {
    world.server.write("den", "the only one");
    const reader = new Reader(client.room("den"), 700);
    await world.pass(1_000);
    expect(reader.heard.reset).toEqual([{ room: "den", head: 1, reason: "ahead" }]);
    expect(reader.texts).toEqual(["the only one"]);
  });

  test("is told, and restarts, if a log was restored to an earlier state while the connection was down", async () => {
    const reader = new Reader(client.room());
    await say("lobby", "one", "two", "three");
    world.server.log("lobby").length = 1;
    world.server.latest.end();
    await world.pass(2_000);
    expect(reader.heard.reset).toEqual([{ room: "lobby", head: 1, reason: "ahead" }]);
    expect(reader.texts).toEqual(["one"]);
    await say("lobby", "another second");
    expect(reader.texts).toEqual(["one", "another second"]);
  });

  test("whose callback throws doesn't affect the others", async () => {
    const mistakes: unknown[] = [];
    const usual = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.once("uncaughtException", (error) => mistakes.push(error));
    client.room().subscribe({
      entries: () => {
        throw new Error("a mistake");
      },
    });
    const reader = new Reader(client.room());
    await say("lobby", "one");
    for (const listener of usual) process.on("uncaughtException", listener);
    expect(reader.texts).toEqual(["one"]);
    expect(mistakes).toMatchObject([{ message: "a mistake" }]);
  });
});

describe("the handle of a subscription", () => {
  test("ends it: its callbacks aren't called anymore, and other subscriptions continue", async () => {
    const [first, second] = [new Reader(client.room()), new Reader(client.room())];
    await say("lobby", "one");
    first.unsubscribe();
    first.unsubscribe();
    await say("lobby", "two");
    expect([first.texts, second.texts]).toEqual([["one"], ["one", "two"]]);
  });

  test("may be used while entries are delivered", async () => {
    for (const text of ["one", "two", "three"]) world.server.write("lobby", text);
    const texts: string[] = [];
    const subscription = client.room().subscribe({
      entries: (entries) => {
        texts.push(...entries.map((entry) => ("text" in entry ? entry.text : "")));
        subscription.unsubscribe();
      },
    });
    await world.pass();
    await say("lobby", "four");
    expect(texts).toEqual(["one", "two", "three"]);
  });

  test("makes the client stop following a room without other subscriptions: no ping or hello names the room", async () => {
    const reader = new Reader(client.room("den"));
    await world.pass();
    reader.unsubscribe();
    world.server.latest.end();
    await world.pass(5 * MINUTE_MS);
    expect(hellos().at(-1)?.rooms).toEqual([]);
    expect(world.server.asked("ping").flatMap(({ rooms }) => rooms)).toEqual([]);
  });

  test("doesn't affect a later subscriber", async () => {
    const first = new Reader(client.room("den"), 0);
    await say("den", "one");
    first.unsubscribe();
    await say("den", "two");
    const second = new Reader(client.room("den"), 1);
    await say("den", "three");
    expect([first.texts, second.texts]).toEqual([["one"], ["two", "three"]]);
  });

  test("that is used before the join is answered keeps the answer's page from being delivered", async () => {
    world.server.write("den", "one");
    const reader = new Reader(client.room("den"));
    await world.pass(3);
    reader.unsubscribe();
    await world.pass(MINUTE_MS);
    expect(reader.entries).toEqual([]);
  });

  test("that is used before the join is answered costs a new subscription no entries", async () => {
    world.server.write("den", "one");
    new Reader(client.room("den")).unsubscribe();
    await world.pass(3);
    const reader = new Reader(client.room("den"), 0);
    await world.pass(3 * MINUTE_MS);
    expect(reader.texts).toEqual(["one"]);
  });
});

describe("a client that leaves a room", () => {
  test("gets nothing more from it, not even events in flight", async () => {
    const reader = new Reader(client.room("den"));
    await world.pass();
    const left = client.room("den").leave();
    world.server.push("den", world.server.write("den", "in flight"));
    world.server.tell("den", { type: "typing", user: person("bob"), typing: true });
    await world.pass();
    expect(await outcomeOf(left)).toBeUndefined();
    expect([reader.entries, reader.heard.typing]).toEqual([[], []]);
    expect(world.server.asked("leaveRoom")).toMatchObject([{ room: "den" }]);
    world.server.latest.end();
    await world.pass(5 * MINUTE_MS);
    expect(joins()).toHaveLength(1);
    expect(hellos().at(-1)?.rooms).toEqual([]);
  });

  test("may come back with a cursor", async () => {
    new Reader(client.room("den"));
    await say("den", "one");
    void client.room("den").leave();
    await say("den", "two");
    const reader = new Reader(client.room("den"), 1);
    await say("den", "three");
    expect(reader.texts).toEqual(["two", "three"]);
  });

  test("and subscribes again before the first join is answered rejoins after it has left", async () => {
    world.server.on("joinRoom", late, 1);
    new Reader(client.room("den"));
    await world.pass();
    void client.room("den").leave();
    const reader = new Reader(client.room("den"));
    await world.pass(5_000);
    expect(world.server.asked("joinRoom", "leaveRoom").map(({ action }) => action)).toEqual([
      "joinRoom",
      "leaveRoom",
      "joinRoom",
    ]);
    await say("den", "heard");
    expect(reader.texts).toEqual(["heard"]);
  });

  test("is told if leaving was refused", async () => {
    world.server.on("leaveRoom", () => refusal("INTERNAL", { retryable: true }));
    const left = client
      .room("den")
      .leave()
      .catch((error: ChatError) => error);
    await world.pass();
    expect(await outcomeOf(left)).toMatchObject({ code: "INTERNAL", retryable: true });
  });
});

describe("a client that leaves a room with unanswered requests", () => {
  const frames = () => world.server.asked("joinRoom", "leaveRoom").map(({ action }) => action);

  test("doesn't rejoin it to send the messages: they fail instead", async () => {
    new Reader(client.room("den"));
    await world.pass();
    // The first message gets no acknowledgment.
    world.server.on("sendMessage", () => undefined, 1);
    const sent = [client.room("den").send("one"), client.room("den").send("two")];
    await world.pass();
    void client.room("den").leave();
    await world.pass(5 * MINUTE_MS);
    expect(frames()).toEqual(["joinRoom", "leaveRoom"]);
    // The first message's attempt may still arrive, so its fate is unknown.
    expect(sent.map(({ status, error }) => [status, error?.code])).toEqual([
      ["failed", "NOT_CONFIRMED"],
      ["failed", "NOT_A_MEMBER"],
    ]);
    await expect(sent[0]?.acknowledged).rejects.toMatchObject({
      code: "NOT_CONFIRMED",
      cause: { code: "NOT_A_MEMBER" },
    });
    await expect(sent[1]?.acknowledged).rejects.toMatchObject({ code: "NOT_A_MEMBER" });
  });

  test("doesn't rejoin it for messages over the next connection either", async () => {
    new Reader(client.room("den"));
    await world.pass();
    world.server.latest.end();
    const sent = client.room("den").send("one");
    void client.room("den").leave();
    await world.pass(5 * MINUTE_MS);
    expect(frames()).toEqual(["joinRoom", "leaveRoom"]);
    expect(sent).toMatchObject({ status: "failed", error: { code: "NOT_A_MEMBER" } });
  });

  test("doesn't rejoin it for a page of its history", async () => {
    new Reader(client.room("den"));
    await world.pass();
    world.server.on("getHistory", (frame, socket) => {
      world.clock.after(1_000, () => socket.say({ ...refusal("NOT_A_MEMBER"), id: frame.id }));
      return undefined;
    });
    const page = client.room("den").history().next();
    page.catch(() => {});
    await world.pass();
    void client.room("den").leave();
    await world.pass(5_000);
    await expect(page).rejects.toMatchObject({ code: "NOT_A_MEMBER" });
    expect(frames()).toEqual(["joinRoom", "leaveRoom"]);
  });

  test("rejoins it for messages sent after leaving", async () => {
    new Reader(client.room("den"));
    await world.pass();
    void client.room("den").leave();
    const sent = client.room("den").send("on second thoughts");
    await world.pass(5_000);
    await expect(sent.acknowledged).resolves.toMatchObject({ seq: 1 });
    expect(frames()).toEqual(["joinRoom", "leaveRoom", "joinRoom"]);
  });
});

describe("a client that turns out not to be in a room it follows", () => {
  test("keeps trying to join, even if its requests in the room are answered in the meantime", async () => {
    const reader = new Reader(client.room("den"));
    await world.pass();
    // The client is only half in the room: its requests work, but it gets no events.
    world.server.latest.rooms.delete("den");
    world.server.on("joinRoom", () => refusal("INTERNAL", { retryable: true }), 1);
    const stored = ({ text, id }: Frame) => {
      const { seq } = world.server.write("den", text, "bob", id);
      return { type: "ack", seq, sentAt: world.clock.now() };
    };
    world.server.on("sendMessage", stored, 1);
    world.server.on("sendMessage", () => refusal("NOT_A_MEMBER"), 1);
    client.room("den").send("by who is not there");
    await world.pass(5_000);
    await say("den", "heard");
    await world.pass(5_000);
    expect(reader.texts).toEqual(["by who is not there", "heard"]);
  });
});

describe("a new connection", () => {
  test("joins the followed rooms from their cursors with one frame", async () => {
    const readers = ["den", "attic"].map((room) => new Reader(client.room(room)));
    await say("den", "one");
    await say("attic", "one", "two");
    world.server.latest.end();
    world.server.write("den", "missed");
    await world.pass(1_000);
    expect(hellos().at(-1)?.rooms).toEqual([
      { room: "den", after: 1 },
      { room: "attic", after: 2 },
    ]);
    expect(joins()).toHaveLength(2);
    expect(readers.map(({ texts }) => texts)).toEqual([
      ["one", "missed"],
      ["one", "two"],
    ]);
  });

  test("joins all followed rooms even if there are more than 25", async () => {
    const names = Array.from({ length: 60 }, (_, i) => `room ${i}`);
    const readers = names.map((name) => new Reader(client.room(name)));
    await world.pass(1_000);
    world.server.latest.end();
    for (const name of names) world.server.write(name, `missed in ${name}`);
    await world.pass(5_000);
    expect(hellos().at(-1)?.rooms).toHaveLength(25);
    expect(readers.map(({ texts }) => texts)).toEqual(names.map((name) => [`missed in ${name}`]));
    for (const name of names) world.server.push(name, world.server.write(name, `news in ${name}`));
    await world.pass();
    expect(readers.map(({ texts }) => texts.at(-1))).toEqual(names.map((name) => `news in ${name}`));
  });

  test("requests missed entries at once and doesn't wait for pushes, because none are in flight", async () => {
    const reader = new Reader(client.room());
    await world.pass();
    world.server.latest.end();
    world.server.write("lobby", "missed");
    await world.pass(250 + 5 * world.server.travelMs);
    expect(reader.texts).toEqual(["missed"]);
  });
});

describe("a join", () => {
  test("that is refused temporarily is retried, but not before the server's retry time", async () => {
    world.server.write("den", "hi");
    world.server.on("joinRoom", () => refusal("RATE_LIMITED", { retryable: true, retryAfterMs: 8_000 }), 1);
    const reader = new Reader(client.room("den"));
    await world.pass(8_000);
    expect(joins()).toHaveLength(1);
    await world.pass(1_000);
    expect(reader.texts).toEqual(["hi"]);
  });

  test("that is refused permanently is reported and not retried", async () => {
    world.server.on("joinRoom", () => refusal("FORBIDDEN"));
    const reader = new Reader(client.room("den"));
    await world.pass(60 * MINUTE_MS);
    expect(reader.heard.error[0]).toMatchObject({ code: "FORBIDDEN", retryable: false });
    expect([reader.heard.error.length, joins().length]).toEqual([1, 1]);
  });

  test("whose connection is lost is repeated over the next one", async () => {
    world.server.write("den", "hi");
    world.server.on("joinRoom", (_, socket) => void socket.end(), 1);
    const reader = new Reader(client.room("den"));
    await world.pass(10_000);
    expect(reader.texts).toEqual(["hi"]);
  });

  test("that is refused because the server no longer knows the connection makes the client replace the connection", async () => {
    world.server.write("den", "hi");
    const [forgotten] = world.server.sockets;
    world.server.on("joinRoom", (_, socket, usual) => (socket === forgotten ? refusal("NOT_A_MEMBER") : usual()));
    const reader = new Reader(client.room("den"));
    await world.pass(5_000);
    expect(forgotten?.isOpen).toBe(false);
    expect(reader.texts).toEqual(["hi"]);
    expect(reader.heard.error).toEqual([]);
  });
});

describe("a connection that the server has forgotten", () => {
  test("is replaced when a gap can't be requested, and the room is still followed", async () => {
    const reader = new Reader(client.room());
    await say("lobby", "one");
    const [forgotten] = world.server.sockets;
    for (const action of ["getHistory", "joinRoom"])
      world.server.on(action, (_, socket, usual) => (socket === forgotten ? refusal("NOT_A_MEMBER") : usual()));
    world.server.write("lobby", "two");
    world.server.push("lobby", world.server.write("lobby", "three"));
    await world.pass(10_000);
    expect(forgotten?.isOpen).toBe(false);
    expect(reader.texts).toEqual(["one", "two", "three"]);
    expect(reader.heard.error).toEqual([]);
    await say("lobby", "four");
    expect(reader.texts.at(-1)).toBe("four");
  });
});

describe("a token refresh that is refused once", () => {
  beforeEach(() => world.server.on("refreshToken", () => refusal("UNAUTHORIZED"), 1));

  test("doesn't stop the client from following a room: its gap is requested with the next token", async () => {
    const reader = new Reader(client.room());
    await say("lobby", "one");
    world.server.on("getHistory", () => refusal("TOKEN_EXPIRED"), 1);
    world.server.write("lobby", "two");
    world.server.push("lobby", world.server.write("lobby", "three"));
    await world.pass(MINUTE_MS);
    expect(reader.texts).toEqual(["one", "two", "three"]);
    expect(reader.heard.error).toEqual([]);
  });

  test("doesn't stop the client from following a room: the room is joined with the next token", async () => {
    world.server.write("den", "one");
    world.server.on("joinRoom", () => refusal("TOKEN_EXPIRED"), 1);
    const reader = new Reader(client.room("den"));
    await world.pass(MINUTE_MS);
    expect(reader.texts).toEqual(["one"]);
    expect(reader.heard.error).toEqual([]);
  });
});

describe("a room whose join was refused", () => {
  test("is followed again by a new subscription", async () => {
    world.server.write("den", "hi");
    world.server.on("joinRoom", () => refusal("FORBIDDEN"), 1);
    const refused = new Reader(client.room("den"));
    await world.pass();
    expect(refused.heard.error).toMatchObject([{ code: "FORBIDDEN" }]);
    const reader = new Reader(client.room("den"));
    await world.pass();
    expect(reader.texts).toEqual(["hi"]);
  });
});

describe("a room's name", () => {
  const [composed, decomposed] = ["caf\u00e9", "cafe\u0301"];

  test("in two Unicode forms means the same room", async () => {
    expect(client.room(composed)).toBe(client.room(decomposed));
    expect(client.room(decomposed).name).toBe(composed);
    const reader = new Reader(client.room(decomposed));
    await say(composed, "hi");
    client.room(decomposed).send("one's own");
    await world.pass();
    expect(reader.texts).toEqual(["hi", "one's own"]);
    expect(joins()).toMatchObject([{ room: composed }]);
  });

  test("defaults to the lobby, and the same name always yields the same room object", () => {
    expect(client.room()).toBe(client.room("lobby"));
    expect(client.room("constructor").name).toBe("constructor");
    expect(client.room("__proto__")).not.toBe(client.room("constructor"));
  });
});

describe("ephemeral events", () => {
  test("are delivered: presence, typing and read markers", async () => {
    const reader = new Reader(client.room());
    await world.pass();
    const user = person("bob");
    world.server.tell("lobby", { type: "presence", user, online: true });
    world.server.tell("lobby", { type: "typing", user, typing: true });
    world.server.tell("lobby", { type: "read", user, seq: 3 });
    world.server.tell("lobby", { type: "presence", user, online: false });
    await world.pass();
    expect(reader.heard).toMatchObject({
      presence: [
        { user, online: true },
        { user, online: false },
      ],
      typing: [{ user, typing: true }],
      read: [{ user, seq: 3 }],
    });
  });

  test("are sent if there is a connection, and dropped otherwise", async () => {
    client.room().typing(true);
    client.room().markRead(7);
    await world.pass();
    world.server.latest.end();
    client.room().typing(false);
    client.room().markRead(8);
    await world.pass(5_000);
    expect(world.server.asked("setTyping", "markRead")).toEqual([
      { action: "setTyping", room: "lobby", typing: true },
      { action: "markRead", room: "lobby", seq: 7 },
    ]);
  });
});

describe("a request", () => {
  test("lists who is in a room, after joining it if needed", async () => {
    const members = client.room("den").members();
    await world.pass();
    expect(await outcomeOf(members)).toEqual({ members: [person("ana")], more: false });
  });

  test("lists all of a user's rooms, however many answers that takes", async () => {
    const names = Array.from({ length: 7 }, (_, i) => `room ${i}`);
    world.server.on("listRooms", ({ after }) => {
      const from = names.indexOf(after) + 1;
      const rooms = names.slice(from, from + 3).map((room) => ({ room, head: 9, read: 4, unread: 5 }));
      return { type: "rooms", rooms, more: from + 3 < names.length };
    });
    const rooms = client.rooms();
    await world.pass();
    expect(await outcomeOf(rooms)).toEqual(names.map((name) => ({ name, head: 9, read: 4, unread: 5 })));
    expect(world.server.asked("listRooms").map(({ after }) => after)).toEqual([undefined, "room 2", "room 5"]);
  });
});

describe("a frame that this version does not know", () => {
  let reader: Reader;
  beforeEach(async () => {
    reader = new Reader(client.room());
    await world.pass();
  });

  test.each([
    ["of an unknown type", { type: "weather", room: "lobby", sun: true }],
    ["of an unknown type, with an id", { type: "weather", id: "x", sun: true }],
    ["with a room that nobody has asked for", { type: "event", room: "elsewhere", entries: [] }],
    ["that answers no request", { type: "ack", id: "nobody asked" }],
    ["that isn't JSON", "hello?"],
    ["that is null", "null"],
    ["that is a number", "7"],
    ["that is a list", "[]"],
  ])("%s is ignored", async (_, frame) => {
    const rooms = client.rooms();
    expect(() => world.server.latest.say(frame)).not.toThrow();
    await world.pass();
    expect(await outcomeOf(rooms)).toEqual([]);
    await say("lobby", "on");
    expect(reader.texts).toEqual(["on"]);
    expect(client.state.name).toBe("open");
  });

  test("with unknown fields is accepted as it is", async () => {
    const entry = { ...world.server.write("lobby", "hi"), mood: "sunny" };
    world.server.latest.say({ type: "event", room: "lobby", entries: [entry], weather: "fine" });
    expect(reader.entries).toEqual([entry]);
  });

  test.each([
    ["an author", { user: person("bob"), id: "b", sentAt: 1 }],
    ["no author", {}],
  ])("with an entry of an unknown kind that has %s moves the cursor and shows nothing", async (_, fields) => {
    world.server.log("lobby").push({ seq: 1, kind: "poll", ...fields } as never);
    const { length } = world.server.log("lobby");
    expect(() =>
      world.server.latest.say({ type: "event", room: "lobby", entries: [world.server.log("lobby")[length - 1]] }),
    ).not.toThrow();
    await say("lobby", "next");
    expect(reader.texts).toEqual(["next"]);
    expect(world.server.asked("getHistory")).toEqual([]);
  });
});
