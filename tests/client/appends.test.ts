/** Messages are sent in order, one at a time per room, repeated until they are acknowledged, and stored once. */
import { beforeEach, describe, expect, test } from "vitest";
import type { ChatError, Client, Outgoing } from "../../client/index.ts";
import { Reader } from "./reader.ts";
import { refusal } from "./virtual/server.ts";
import { outcomeOf, World } from "./virtual/world.ts";

const HOUR_MS = 3_600_000;

let world: World;
let ana: Client;
beforeEach(async () => {
  world = new World();
  ana = await world.openClient("ana");
});

const actionsOf = (frames: { action: string }[]) => frames.map(({ action }) => action);
const errorOf = (outgoing: Outgoing) => outcomeOf(outgoing.acknowledged.catch((error: ChatError) => error));
/** The requests that have arrived for a room, in order. */
const askedOf = (room: string) => world.server.received.filter((frame) => frame.room === room);

describe("a message", () => {
  test("is pending from the start until it is acknowledged", async () => {
    const room = ana.room();
    const reader = new Reader(room);
    const sent = room.send("hi");
    expect(sent).toMatchObject({ append: { action: "sendMessage", text: "hi" }, status: "waiting", error: undefined });
    expect(room.outgoing).toEqual([sent]);
    const [{ seq }] = await Promise.all([sent.acknowledged, world.pass()]);
    expect(seq).toBe(1);
    await world.pass();
    expect(room.outgoing).toEqual([]);
    expect(reader.heard.outgoing.map((appends) => appends.length)).toEqual([1, 0]);
  });

  test("is acknowledged with the server's position and time", async () => {
    const sent = ana.room().send("hi");
    await world.pass();
    const { sentAt } = world.server.log("lobby")[0] as { sentAt: number };
    expect(await outcomeOf(sent.acknowledged)).toEqual({ seq: 1, sentAt });
  });

  test("may be a reply, an edit, a deletion or a reaction", async () => {
    const room = ana.room();
    room.send("one");
    room.send("two", { replyTo: 1 });
    room.edit(1, "uno");
    room.react(2, "👍");
    room.react(2, "👍", false);
    room.delete(2);
    await world.pass(500);
    expect(world.server.log("lobby")).toMatchObject([
      { kind: "message", text: "one" },
      { kind: "message", text: "two", replyTo: 1 },
      { kind: "edit", target: 1, text: "uno" },
      { kind: "reaction", target: 2, emoji: "👍", on: true },
      { kind: "reaction", target: 2, emoji: "👍", on: false },
      { kind: "delete", target: 2 },
    ]);
  });

  test("waits for the connection", async () => {
    world = new World();
    world.server.handshake = () => "silence";
    const client = await world.openClient();
    client.room().send("hi");
    await world.pass(10_000);
    world.server.obey();
    await world.pass(30_000);
    expect(world.server.texts("lobby")).toEqual(["hi"]);
  });

  test("is first sent without a retry mark, and resent with one and with the same id", async () => {
    world.server.on("sendMessage", () => undefined, 2);
    const sent = ana.room().send("hi");
    await world.pass(40_000);
    expect(world.server.asked("sendMessage")).toEqual([
      { action: "sendMessage", id: sent.id, room: "lobby", text: "hi" },
      { action: "sendMessage", id: sent.id, room: "lobby", text: "hi", retry: true },
      { action: "sendMessage", id: sent.id, room: "lobby", text: "hi", retry: true },
    ]);
  });
});

describe("in a room", () => {
  test("one message is in flight, and the next is sent when that one is acknowledged", async () => {
    world.server.travelMs = 50;
    for (let i = 0; i < 10; i++) ana.room().send(`message ${i}`);
    for (let i = 0; i < 10; i++) {
      await world.pass(60);
      expect(world.server.asked("sendMessage")).toHaveLength(i + 1);
      await world.pass(40);
    }
    expect(world.server.texts("lobby")).toEqual(Array.from({ length: 10 }, (_, i) => `message ${i}`));
  });

  test("the next message waits while the first is resent over connections that are lost", async () => {
    world.server.on("sendMessage", (_, socket) => void world.server.later(() => socket.end()), 5);
    ana.room().send("first");
    ana.room().send("second");
    await world.pass(60_000);
    expect(world.server.asked("sendMessage").map(({ text }) => text)).toEqual([...Array(6).fill("first"), "second"]);
    expect(world.server.texts("lobby")).toEqual(["first", "second"]);
  });

  test("the next message waits for a message that was sent over the retiring connection", async () => {
    await world.pass(105 * 60_000 - 10_000);
    // The message's ack is held back until the second connection is open.
    world.server.on(
      "sendMessage",
      (frame, socket, usual) => {
        const ack = usual();
        world.clock.after(14_000, () => socket.say({ id: frame.id, ...ack }));
        return undefined;
      },
      1,
    );
    world.server.brings = ({ type }) => type !== "event";
    ana.room().send("first");
    ana.room().send("second");
    await world.pass(13_000);
    expect(world.server.sockets.map(({ isOpen }) => isOpen)).toEqual([true, true]);
    expect(world.server.asked("sendMessage")).toHaveLength(1);
    await world.pass(5_000);
    expect(world.server.asked("sendMessage").map(({ text, retry }) => [text, retry])).toEqual([
      ["first", undefined],
      ["second", undefined],
    ]);
    expect(world.server.sockets[1]?.sent.map(({ action }) => action)).toContain("sendMessage");
  });

  test("messages don't wait for messages to other rooms", async () => {
    world.server.on("sendMessage", ({ room }, _, usual) => (room === "stuck" ? undefined : usual()));
    for (const room of ["stuck", "lobby"]) new Reader(ana.room(room));
    await world.pass();
    for (let i = 0; i < 5; i++) for (const room of ["stuck", "lobby"]) ana.room(room).send(`${i}`);
    await world.pass(1_000);
    expect(world.server.texts("lobby")).toEqual(["0", "1", "2", "3", "4"]);
    expect(askedOf("stuck").filter(({ action }) => action === "sendMessage")).toHaveLength(1);
  });
});

describe("an acknowledgment", () => {
  test.each([
    ["on its way", ({ type }: { type: string }) => type !== "ack" && type !== "event"],
    ["with the connection", () => true],
  ])("that is lost %s costs a second attempt and leaves one entry", async (how, brings) => {
    world.server.brings = brings;
    world.server.on(
      "sendMessage",
      (_, socket, usual) => {
        const ack = usual();
        if (how === "with the connection") socket.end();
        return ack;
      },
      1,
    );
    const sent = ana.room().send("hi");
    await world.pass(1_000);
    expect(sent.status).toBe("waiting");
    world.server.obey();
    await world.pass(30_000);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 1 });
    expect(world.server.texts("lobby")).toEqual(["hi"]);
    expect(world.server.asked("sendMessage")).toHaveLength(2);
  });

  test("is awaited for 15 s", async () => {
    world.server.on("sendMessage", () => undefined);
    ana.room().send("hi");
    await world.pass(15_000);
    expect(world.server.asked("sendMessage")).toHaveLength(1);
    await world.pass(1_000);
    expect(world.server.asked("sendMessage")).toHaveLength(2);
  });

  test("that is lost is replaced by the message's own event, and nothing is resent", async () => {
    world.server.brings = ({ type }) => type !== "ack";
    const sent = [ana.room().send("one"), ana.room().send("two")];
    await world.pass(1_000);
    world.server.brings = () => true;
    expect(await outcomeOf(Promise.all(sent.map(({ acknowledged }) => acknowledged)))).toMatchObject([
      { seq: 1 },
      { seq: 2 },
    ]);
    await world.pass(60_000);
    expect(world.server.asked("sendMessage")).toHaveLength(2);
    expect(ana.room().outgoing).toEqual([]);
  });

  test("isn't replaced by another user's event with the same id", async () => {
    world.server.on("sendMessage", () => undefined, 1);
    const sent = ana.room().send("hi");
    await world.pass();
    world.server.push("lobby", world.server.write("lobby", "hi", "bob", sent.id));
    await world.pass();
    expect(sent.status).toBe("waiting");
    expect(ana.room().outgoing).toHaveLength(1);
    await world.pass(20_000);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 2 });
  });

  test("isn't replaced by the event of a message from the user's other device", async () => {
    world.server.on("sendMessage", () => undefined, 1);
    const sent = ana.room().send("hi");
    await world.pass();
    world.server.push("lobby", world.server.write("lobby", "from the phone", "ana"));
    await world.pass();
    expect(await outcomeOf(sent.acknowledged)).toBe("nothing yet");
    await world.pass(20_000);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 2 });
    expect(world.server.texts("lobby")).toEqual(["from the phone", "hi"]);
  });

  test("that comes twice, or after the message's own event, changes nothing", async () => {
    world.server.on("sendMessage", (frame, socket, usual) => {
      const ack = { id: frame.id, ...usual() };
      for (const ms of [500, 600, 20_000]) world.clock.after(ms, () => socket.say(ack));
      return undefined;
    });
    const sent = [ana.room().send("one"), ana.room().send("two")];
    await world.pass(60_000);
    expect(await outcomeOf(Promise.all(sent.map(({ acknowledged }) => acknowledged)))).toMatchObject([
      { seq: 1 },
      { seq: 2 },
    ]);
    expect(world.server.texts("lobby")).toEqual(["one", "two"]);
  });

  test("that comes late, after a second attempt, still counts", async () => {
    world.server.brings = ({ type }) => type !== "event";
    world.server.on("sendMessage", (frame, socket, usual) => {
      if (frame.retry) return undefined;
      const ack = { id: frame.id, ...usual() };
      world.clock.after(17_000, () => socket.say(ack));
      return undefined;
    });
    const sent = ana.room().send("hi");
    await world.pass(17_100);
    expect(world.server.asked("sendMessage")).toHaveLength(2);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 1 });
  });
});

describe("a refusal", () => {
  test("for an expired token makes the client refresh the token and resend the message", async () => {
    world.server.on("sendMessage", () => refusal("TOKEN_EXPIRED"), 1);
    const sent = ana.room().send("hi");
    await world.pass(1_000);
    expect(actionsOf(world.server.asked("sendMessage", "refreshToken"))).toEqual([
      "sendMessage",
      "refreshToken",
      "sendMessage",
    ]);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 1 });
  });

  test("for an expired token makes the client refresh the token at once, even if the message has to wait", async () => {
    world.server.on("sendMessage", () => refusal("TOKEN_EXPIRED", { retryAfterMs: 30_000 }), 1);
    ana.room().send("hi");
    await world.pass(1_000);
    expect(actionsOf(world.server.asked("sendMessage", "refreshToken"))).toEqual(["sendMessage", "refreshToken"]);
    await world.pass(60_000);
    expect(actionsOf(world.server.asked("sendMessage", "refreshToken"))).toEqual([
      "sendMessage",
      "refreshToken",
      "sendMessage",
    ]);
  });

  test("for an expired token is handled even if the first refresh fails", async () => {
    world.server.on("sendMessage", () => refusal("TOKEN_EXPIRED"), 2);
    world.server.on("refreshToken", () => refusal("INTERNAL", { retryable: true }), 1);
    const sent = ana.room().send("hi");
    await world.pass(60_000);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 1 });
    expect(world.server.texts("lobby")).toEqual(["hi"]);
  });

  test("of the newer token as well doesn't fail the message, because a valid token may follow", async () => {
    world.server.on("sendMessage", () => refusal("TOKEN_EXPIRED"), 5);
    world.server.on("refreshToken", () => refusal("UNAUTHORIZED"), 3);
    const sent = ana.room().send("hi");
    await world.pass(1_000);
    expect(sent.status).toBe("waiting");
    await world.pass(120_000);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 1 });
  });

  test.each(["TOKEN_EXPIRED", "NOT_A_MEMBER"] as const)(
    "with %s that nothing resolves makes the client retry with growing pauses, not in a tight loop",
    async (code) => {
      world.server.on("sendMessage", () => refusal(code));
      ana.room().send("hi");
      await world.pass(120_000);
      expect(world.server.asked("sendMessage").length).toBeGreaterThan(5);
      expect(world.server.asked("sendMessage").length).toBeLessThan(20);
    },
  );

  test("because the client isn't a member makes it join the room and resend the message", async () => {
    const sent = ana.room("den").send("hi");
    await world.pass(1_000);
    expect(actionsOf(askedOf("den"))).toEqual(["sendMessage", "joinRoom", "sendMessage"]);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 1 });
  });

  test("of a join makes the message that needs it fail, and the next message is sent", async () => {
    world.server.on("joinRoom", () => refusal("FORBIDDEN"), 1);
    const [first, second] = [ana.room("den").send("one"), ana.room("den").send("two")];
    await world.pass(5_000);
    expect(first).toMatchObject({ status: "failed", error: { code: "FORBIDDEN" } });
    expect(await outcomeOf(second.acknowledged)).toMatchObject({ seq: 1 });
    expect(world.server.texts("den")).toEqual(["two"]);
  });

  test("that is temporary delays the retry until the server's retry time, in this room only", async () => {
    new Reader(ana.room("den"));
    await world.pass();
    world.server.on("sendMessage", ({ room }, _, usual) =>
      room === "lobby" && world.server.asked("sendMessage").filter((frame) => frame.room === "lobby").length === 1
        ? refusal("RATE_LIMITED", { retryable: true, retryAfterMs: 30_000 })
        : usual(),
    );
    const sent = ana.room().send("slow");
    await world.pass();
    ana.room("den").send("quick");
    await world.pass(29_000);
    expect(world.server.texts("den")).toEqual(["quick"]);
    expect(world.server.asked("sendMessage").filter(({ room }) => room === "lobby")).toHaveLength(1);
    await world.pass(2_000);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 1 });
  });

  test("that is temporary is retried any number of times, with pauses that grow to 20 s", async () => {
    world.clock.chance = () => 1 - Number.EPSILON;
    const at: number[] = [];
    world.server.on(
      "sendMessage",
      () => {
        at.push(world.clock.now());
        return refusal("INTERNAL", { retryable: true });
      },
      9,
    );
    const sent = ana.room().send("hi");
    await world.pass(300_000);
    expect(at.slice(1).map((time, i) => time - (at[i] as number) - 2 * world.server.travelMs)).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000,
    ]);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 1 });
    // After a success, pauses are short again.
    world.server.on("sendMessage", () => refusal("INTERNAL", { retryable: true }), 1);
    const next = ana.room().send("next");
    await world.pass(600);
    expect(await outcomeOf(next.acknowledged)).toMatchObject({ seq: 2 });
  });

  test.each([
    ["Too Many Requests", "THROTTLED"],
    ["Internal server error", "INTERNAL"],
  ])("by API Gateway itself, which names no request (%s), is retried", async (message) => {
    world.server.on(
      "sendMessage",
      (_, socket) => {
        socket.say({ message, connectionId: "abc=", requestId: "xyz=" });
        return undefined;
      },
      1,
    );
    const sent = ana.room().send("hi");
    await world.pass(1_000);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 1 });
  });

  test("by API Gateway itself applies to each pending request that isn't answered within 3 s", async () => {
    world.server.on("listRooms", () => undefined);
    world.server.on("sendMessage", () => undefined, 1);
    const rooms = ana.rooms().catch((error: unknown) => error);
    const sent = ana.room().send("hi");
    await world.pass();
    world.server.latest.say({ message: "Internal server error", connectionId: "abc=", requestId: "xyz=" });
    await world.pass(2_900);
    expect(world.server.asked("listRooms", "sendMessage")).toHaveLength(2);
    await world.pass(2_000);
    expect(await outcomeOf(rooms)).toMatchObject({ code: "INTERNAL" });
    // The second attempt is marked as a retry.
    expect(world.server.asked("sendMessage")).toMatchObject([{}, { retry: true }]);
    expect(await sent.acknowledged).toMatchObject({ seq: expect.any(Number) });
  });

  test("that is permanent fails the message with all the server's details, and the next message is sent", async () => {
    world.server.on("sendMessage", () => refusal("TOO_LARGE"), 1);
    const room = ana.room();
    const reader = new Reader(room);
    const [first, second] = [room.send("too much"), room.send("fine")];
    await world.pass(1_000);
    expect(first.status).toBe("failed");
    expect(first.error).toMatchObject({
      name: "ChatError",
      code: "TOO_LARGE",
      retryable: false,
      message: "the server says TOO_LARGE",
    });
    expect(await errorOf(first)).toBe(first.error);
    expect(await outcomeOf(second.acknowledged)).toMatchObject({ seq: 1 });
    expect(room.outgoing).toEqual([first]);
    expect(reader.heard.outgoing.at(-1)).toEqual([first]);
    await world.pass(60_000);
    expect(world.server.asked("sendMessage")).toHaveLength(2);
  });

  test("that is permanent but late doesn't fail a message that was already acknowledged", async () => {
    world.server.on(
      "sendMessage",
      (frame, socket, usual) => {
        usual();
        world.clock.after(1_000, () => socket.say({ id: frame.id, ...refusal("ID_CONFLICT") }));
        return undefined;
      },
      1,
    );
    const sent = ana.room().send("hi");
    await world.pass(5_000);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 1 });
    expect(sent.status).toBe("waiting");
    expect(ana.room().outgoing).toEqual([]);
  });
});

describe("a message that failed", () => {
  test("is removed from the list by discard(), which removes nothing else", async () => {
    const room = ana.room();
    world.server.on("sendMessage", ({ text }) => (text === "waits" ? undefined : refusal("BAD_REQUEST")));
    const [first, second, waits] = [room.send("one"), room.send("two"), room.send("waits")];
    await world.pass(1_000);
    expect(room.outgoing.map(({ status }) => status)).toEqual(["failed", "failed", "waiting"]);
    waits.discard();
    expect(room.outgoing).toHaveLength(3);
    first.discard();
    expect(room.outgoing).toEqual([second, waits]);
    first.discard();
    expect(room.outgoing).toEqual([second, waits]);
  });

  test("is sent as a new message when the user sends it again", async () => {
    world.server.on("sendMessage", () => refusal("BAD_REQUEST"), 1);
    const failed = ana.room().send("hi");
    await world.pass();
    failed.discard();
    const again = ana.room().send("hi");
    await world.pass();
    expect(await outcomeOf(again.acknowledged)).toMatchObject({ seq: 1 });
    expect(again.id).not.toBe(failed.id);
    expect(world.server.asked("sendMessage")[1].retry).toBeUndefined();
  });
});

describe("a message whose first attempt wasn't answered", () => {
  test.each(["BAD_REQUEST", "FORBIDDEN", "NOT_FOUND"] as const)(
    "may be in the log even if the next attempt is refused with %s",
    async (code) => {
      let writeFirst = () => {};
      world.server.on("sendMessage", ({ retry }, _, usual) => (retry ? refusal(code) : usual()));
      world.server.on(
        "sendMessage",
        (_, __, usual) => {
          writeFirst = () => void usual();
          return undefined;
        },
        1,
      );
      const [first, second] = [ana.room().send("one"), ana.room().send("two")];
      await world.pass(40_000);
      writeFirst();
      expect(first).toMatchObject({ status: "failed", error: { code: "NOT_CONFIRMED", cause: { code } } });
      expect(await outcomeOf(second.acknowledged)).toMatchObject({ seq: 1 });
      expect(world.server.texts("lobby")).toEqual(["two", "one"]);
    },
  );

  test("differs from one whose every attempt was refused, which is known not to be in the log", async () => {
    world.server.on("sendMessage", () => refusal("FORBIDDEN"));
    world.server.on("sendMessage", () => refusal("RATE_LIMITED", { retryable: true, retryAfterMs: 700 }), 1);
    const sent = ana.room().send("one");
    await world.pass(40_000);
    expect(sent).toMatchObject({ status: "failed", error: { code: "FORBIDDEN" } });
    expect(world.server.asked("sendMessage").map(({ retry }) => retry)).toEqual([undefined, undefined]);
  });
});

describe("23 hours after its first attempt", () => {
  test("a message isn't resent but fails: only the user can send it again", async () => {
    world.server.on("sendMessage", ({ text }, _, usual) => (text === "never confirmed" ? undefined : usual()));
    const [first, second] = [ana.room().send("never confirmed"), ana.room().send("next")];
    await world.pass(23 * HOUR_MS - 60_000);
    expect(first.status).toBe("waiting");
    await world.pass(120_000);
    expect(first).toMatchObject({ status: "failed", error: { code: "NOT_CONFIRMED", retryable: false } });
    const attempts = world.server.asked("sendMessage").filter(({ text }) => text === "never confirmed");
    expect(attempts.length).toBeGreaterThan(1_000);
    expect(await outcomeOf(second.acknowledged)).toMatchObject({ seq: 1 });
    await world.pass(2 * HOUR_MS);
    expect(world.server.asked("sendMessage").filter(({ text }) => text === "never confirmed")).toHaveLength(
      attempts.length,
    );
  });

  test("a message isn't resent if a day passes without a connection", async () => {
    world.server.on("sendMessage", () => undefined);
    const sent = ana.room().send("hi");
    await world.pass(1_000);
    world.goOffline();
    await world.pass(23 * HOUR_MS);
    world.server.obey();
    world.goOnline();
    await world.pass(10_000);
    expect(await errorOf(sent)).toMatchObject({ code: "NOT_CONFIRMED" });
    expect(world.server.asked("sendMessage")).toHaveLength(1);
  });

  test("a message that hasn't been attempted yet is sent, even after two days offline", async () => {
    world.goOffline();
    const sent = ana.room().send("hi");
    await world.pass(48 * HOUR_MS);
    world.goOnline();
    await world.pass(1_000);
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 1 });
    expect(world.server.asked("sendMessage")[0].retry).toBeUndefined();
  });
});
