/**
 * Names of rooms and people come from outside. The client must treat none of them specially, even those that objects
 * inherit.
 */
import { describe, expect, test } from "vitest";
import { Fold } from "../../client/fold/index.ts";
import { Reader } from "./reader.ts";
import { refusal } from "./virtual/server.ts";
import { World } from "./virtual/world.ts";

const MINUTE_MS = 60_000;

describe.each(["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf"])("a room called %s", (name) => {
  test("is caught up when a push is lost", async () => {
    const world = new World();
    const client = await world.openClient();
    const reader = new Reader(client.room(name));
    await world.pass();
    world.server.write(name, "lost");
    await world.pass(3 * MINUTE_MS);
    expect(reader.texts).toEqual(["lost"]);
  });

  test("is rejoined when the connection has fallen out of it", async () => {
    const world = new World();
    const client = await world.openClient();
    const reader = new Reader(client.room(name));
    await world.pass();
    world.server.latest.rooms.delete(name);
    world.server.write(name, "missed");
    await world.pass(3 * MINUTE_MS);
    expect(reader.texts).toEqual(["missed"]);
    expect(world.server.latest.rooms.has(name)).toBe(true);
  });

  test("is caught up over the next connection", async () => {
    const world = new World();
    const client = await world.openClient();
    const reader = new Reader(client.room(name));
    await world.pass();
    world.server.latest.end();
    world.server.write(name, "missed");
    await world.pass(2_000);
    expect(reader.texts).toEqual(["missed"]);
  });
});

test.each(["constructor", "toString", "__proto__"])(
  "an error with the code %s fails a message like any other error",
  async (code) => {
    const world = new World();
    const client = await world.openClient();
    world.server.on("sendMessage", () => ({ ...refusal("FORBIDDEN"), code }), 1);
    const sent = client.room().send("hi");
    const next = client.room().send("next");
    await world.pass(MINUTE_MS);
    expect(sent).toMatchObject({ status: "failed", error: { code } });
    await expect(next.acknowledged).resolves.toMatchObject({ seq: 1 });
  },
);

test.each(["constructor", "__proto__"])(
  "a person, an emoji and a reader called %s are folded like any others",
  (name) => {
    const fold = new Fold();
    const user = { id: name, name };
    fold.add([
      { seq: 1, kind: "message", id: "a", user, sentAt: 1, text: "hi" },
      { seq: 2, kind: "reaction", id: "b", user, sentAt: 2, target: 1, emoji: name, on: true },
    ]);
    fold.markRead({ user, seq: 1 });
    expect([...(fold.message(1)?.reactions ?? [])]).toEqual([[name, [user]]]);
    expect(fold.readersOf(1)).toEqual([user]);
  },
);
