// @vitest-environment happy-dom
import { createElement, Fragment } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChatProvider, useConnection, useRoom, useRooms } from "../../react/index.ts";
import { refusal } from "../client/virtual/server.ts";
import { World } from "../client/virtual/world.ts";
import { Mounted, noting } from "./mounted.ts";

let world: World;
let mounted: Mounted;
beforeEach(() => {
  world = new World();
  mounted = new Mounted(world);
});
afterEach(() => mounted.unmount());

const textsOf = ({ messages }: Pick<ReturnType<typeof useRoom>, "messages">) => messages.map(({ text }) => text);

describe("the connection", () => {
  test("is created once, also in StrictMode, which mounts everything twice", async () => {
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component), { isStrict: true });

    expect(world.server.sockets).toHaveLength(1);
    expect(mounted.clients).toHaveLength(1);
  });

  test("closes after the provider has unmounted, but not when only a hook has", async () => {
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));
    await mounted.render(null);
    expect(world.server.openSockets).toHaveLength(1);

    await mounted.unmount();
    expect(world.server.openSockets).toHaveLength(0);
    expect(mounted.clients.map(({ state }) => state.name)).toEqual(["closed"]);
  });

  test("isn't opened during server rendering", () => {
    const Room = () => createElement(Fragment, null, useConnection().state.name, " ", String(useRoom().isLoading));
    const html = renderToString(createElement(ChatProvider, { connect: mounted.connect }, createElement(Room)));

    expect(html).toBe("connecting<!-- --> <!-- -->true");
    expect(mounted.clients).toEqual([]);
  });

  test("reports its state and the user", async () => {
    const connection = noting(() => useConnection());
    await mounted.render(createElement(connection.Component));
    expect(connection.now).toMatchObject({ state: { name: "open" }, user: { id: "ana" } });

    await mounted.do(() => world.goOffline());
    expect(connection.now).toMatchObject({ state: { name: "offline" }, user: { id: "ana" } });
  });

  test("a hook outside of a provider throws an error that says what to do", () => {
    const Room = () => createElement(Fragment, null, useRoom().isLoading);
    expect(() => renderToString(createElement(Room))).toThrow("wrap the app in one");
  });
});

describe("a room", () => {
  test("shows its newest page and later messages, each once", async () => {
    world.server.write("lobby", "before");
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));
    expect(room.now).toMatchObject({ isLoading: false, hasOlder: false });
    expect(textsOf(room.now)).toEqual(["before"]);

    await mounted.do(() => world.server.push("lobby", world.server.write("lobby", "after")));
    expect(textsOf(room.now)).toEqual(["before", "after"]);
  });

  test("is loaded, and its members too, if the server first says that the client sends too fast", async () => {
    world.server.write("lobby", "before");
    for (const action of ["getHistory", "listMembers"] as const) {
      world.server.on(action, () => refusal("RATE_LIMITED", { retryable: true, retryAfterMs: 20 }), 2);
    }
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));
    const shown = async () => {
      await mounted.pass();
      return [room.now.isLoading, textsOf(room.now), room.now.members.length];
    };
    await expect.poll(shown).toEqual([false, ["before"], 1]);
  });

  test("that is empty also finishes loading", async () => {
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));
    expect(room.now).toMatchObject({ isLoading: false, hasOlder: false, messages: [] });
  });

  test("loads older messages, and leaves out trimmed ones until they are requested again", async () => {
    for (let i = 1; i <= 250; i++) world.server.write("lobby", `${i}`);
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));
    expect(room.now.messages).toHaveLength(100);

    await mounted.do(() => void room.now.loadOlder());
    await mounted.do(() => void room.now.loadOlder());
    expect(textsOf(room.now)).toEqual(Array.from({ length: 250 }, (_, i) => `${i + 1}`));
    expect(room.now.hasOlder).toBe(false);

    await mounted.do(() => room.now.trim(10));
    expect(textsOf(room.now)).toEqual(Array.from({ length: 10 }, (_, i) => `${i + 241}`));
    expect(room.now.hasOlder).toBe(true);
    await mounted.do(() => void room.now.loadOlder());
    expect(textsOf(room.now).slice(0, 2)).toEqual(["141", "142"]);
  });

  test("an edit of a trimmed message isn't lost", async () => {
    for (let i = 1; i <= 20; i++) world.server.write("lobby", `${i}`);
    world.server.write("lobby", { kind: "edit", target: 1, text: "corrected" });
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));

    await mounted.do(() => room.now.trim(5));
    await mounted.do(() => void room.now.loadOlder());
    expect(room.now.messages[0]?.text).toBe("corrected");
  });

  test("a message being sent is always in exactly one of the lists messages and outgoing", async () => {
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));
    const before = room.seen.length;
    // The ack arrives, but the event doesn't.
    world.server.brings = ({ type }) => type !== "event";

    await mounted.do(() => void room.now.send("hi"));
    const counts = room.seen.slice(before).map(({ messages, outgoing }) => messages.length + outgoing.length);
    expect(counts.length).toBeGreaterThan(1);
    expect(new Set(counts)).toEqual(new Set([1]));
    expect(textsOf(room.now)).toEqual(["hi"]);
  });

  test("a refused message is marked as failed, with the reason, and can be discarded", async () => {
    world.server.on("sendMessage", () => refusal("TOO_LARGE"));
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));

    await mounted.do(() => void room.now.send("hi"));
    expect(room.now.outgoing).toMatchObject([{ status: "failed", error: { code: "TOO_LARGE" } }]);
    await mounted.do(() => room.now.outgoing[0]?.discard());
    expect(room.now.outgoing).toEqual([]);
  });

  test("a message that has to wait states why and until when", async () => {
    world.server.on("sendMessage", () => refusal("RATE_LIMITED", { retryable: true, retryAfterMs: 3_000 }), 1);
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));
    const sentAt = world.clock.now();

    await mounted.do(() => void room.now.send("hi"));
    expect(room.now.outgoing).toMatchObject([{ status: "waiting", delay: { cause: { code: "RATE_LIMITED" } } }]);
    expect(room.now.outgoing[0]?.delay?.until).toBeGreaterThanOrEqual(sentAt + 3_000);

    await mounted.pass(5_000);
    expect(textsOf(room.now)).toEqual(["hi"]);
  });

  test("keeps the identity of values that haven't changed", async () => {
    for (const text of ["1", "2"]) world.server.write("lobby", text);
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));
    const before = room.now;

    const typing = { type: "typing", user: { id: "bob", name: "BOB" }, typing: true };
    await mounted.do(() => world.server.tell("lobby", typing));
    expect(room.now.typing).toMatchObject([{ id: "bob" }]);
    expect(room.now.messages).toBe(before.messages);
    expect(room.now.send).toBe(before.send);

    const edit = { kind: "edit", target: 2, text: "two" } as const;
    await mounted.do(() => world.server.push("lobby", world.server.write("lobby", edit)));
    expect(room.now.messages[0]).toBe(before.messages[0]);
    expect(room.now.messages[1]).toMatchObject({ text: "two" });
  });

  test("renders no new list of messages when none of them has changed", async () => {
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));
    const before = room.seen.length;

    await mounted.do(() =>
      world.server.tell("lobby", { type: "typing", user: { id: "bob", name: "B" }, typing: false }),
    );
    await mounted.do(() => world.server.push("elsewhere", world.server.write("elsewhere", "hi")));
    expect(room.seen.slice(before).every(({ messages }) => messages === room.seen[before - 1]?.messages)).toBe(true);
  });

  test("reports that it can't be read", async () => {
    world.server.on("joinRoom", () => refusal("FORBIDDEN"));
    const room = noting(() => useRoom("private-x"));
    await mounted.render(createElement(room.Component));
    expect(room.now).toMatchObject({ error: { code: "FORBIDDEN" }, isLoading: false });
  });

  test("shows no gap after it missed more than a page", async () => {
    world.server.write("lobby", "old");
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));
    await mounted.render(null);
    for (let i = 1; i <= 150; i++) world.server.write("lobby", `${i}`);

    await mounted.render(createElement(room.Component));
    const numbers = room.now.messages.map(({ seq }) => seq);
    expect(numbers.at(-1)).toBe(151);
    expect(numbers.every((seq, i) => i === 0 || seq === (numbers[i - 1] as number) + 1)).toBe(true);
  });

  test("lists who is here, as people come and go", async () => {
    const room = noting(() => useRoom());
    await mounted.render(createElement(room.Component));
    expect(room.now.members).toMatchObject([{ id: "ana" }]);

    const bob = { id: "bob", name: "Bob" };
    await mounted.do(() => world.server.tell("lobby", { type: "presence", user: bob, online: true }));
    expect(room.now.members).toMatchObject([{ id: "ana" }, bob]);
    await mounted.do(() => world.server.tell("lobby", { type: "presence", user: bob, online: false }));
    expect(room.now.members).toMatchObject([{ id: "ana" }]);
  });

  test("invites a person by id", async () => {
    world.server.on("invite", () => ({ type: "ack" }));
    const room = noting(() => useRoom("private-x"));
    await mounted.render(createElement(room.Component));
    await mounted.do(() => void room.now.invite("bob"));
    expect(world.server.asked("invite")).toMatchObject([{ room: "private-x", user: "bob", moderator: false }]);
  });
});

describe("the list of rooms", () => {
  const joined = (name: string, head: number, unread: number) => ({ room: name, head, read: head - unread, unread });

  test("is requested again if the server says that the client sends too fast", async () => {
    world.server.on("listRooms", () => refusal("RATE_LIMITED", { retryable: true, retryAfterMs: 20 }), 1);
    const rooms = noting(() => useRooms());
    await mounted.render(createElement(rooms.Component));
    expect(rooms.now.error).toMatchObject({ code: "RATE_LIMITED" });
    const shown = async () => {
      await mounted.pass();
      return [rooms.now.isLoading, rooms.now.error];
    };
    await expect.poll(shown).toEqual([false, undefined]);
  });

  test("counts others' unread messages as they arrive, until they are read", async () => {
    for (const text of ["1", "2"]) world.server.write("den", text);
    world.server.on("listRooms", () => ({ type: "rooms", rooms: [joined("den", 2, 1)], more: false }));
    const rooms = noting(() => useRooms());
    await mounted.render(createElement(rooms.Component));
    expect(rooms.now.rooms).toMatchObject([{ name: "den", unread: 1 }]);

    await mounted.do(() => world.server.push("den", world.server.write("den", "3")));
    await mounted.do(() => world.server.push("den", world.server.write("den", "mine", "ana")));
    await mounted.do(() => world.server.push("den", world.server.write("den", { kind: "delete", target: 3 })));
    await mounted.do(() => world.server.push("den", world.server.write("den", "6")));
    expect(rooms.now.rooms).toMatchObject([{ name: "den", unread: 2 }]);

    const room = noting(() => useRoom("den"));
    await mounted.render([createElement(rooms.Component, { key: 1 }), createElement(room.Component, { key: 2 })]);
    await mounted.do(() => room.now.markRead(6));
    expect(rooms.now.rooms).toMatchObject([{ name: "den", unread: 0, read: 6 }]);
  });

  test("contains an open room even if the server doesn't list it yet", async () => {
    const [rooms, room] = [noting(() => useRooms()), noting(() => useRoom("new"))];
    await mounted.render([createElement(rooms.Component, { key: 1 }), createElement(room.Component, { key: 2 })]);
    await mounted.do(() => void rooms.now.refresh());
    expect(rooms.now.rooms).toMatchObject([{ name: "new", unread: 0 }]);
  });

  test("counts unsent messages", async () => {
    const [rooms, room] = [noting(() => useRooms()), noting(() => useRoom())];
    await mounted.render([createElement(rooms.Component, { key: 1 }), createElement(room.Component, { key: 2 })]);
    await mounted.do(() => world.goOffline());
    await mounted.do(() => void room.now.send("later"));
    expect(rooms.now.rooms).toMatchObject([{ name: "lobby", waiting: 1 }]);
    await mounted.do(() => world.goOnline());
    expect(rooms.now.rooms).toMatchObject([{ name: "lobby", waiting: 0 }]);
  });

  test("drops a room that the user leaves", async () => {
    world.server.on("listRooms", () => ({ type: "rooms", rooms: [joined("den", 0, 0)], more: false }));
    const rooms = noting(() => useRooms());
    await mounted.render(createElement(rooms.Component));
    await mounted.do(() => void rooms.now.leave("den"));
    expect(rooms.now.rooms).toEqual([]);
    expect(world.server.asked("leaveRoom")).toHaveLength(1);
  });
});
