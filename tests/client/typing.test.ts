/** A typing indicator disappears when the message arrives, or by itself after a while. */
import { beforeEach, describe, expect, test } from "vitest";
import { Reader } from "./reader.ts";
import { person } from "./virtual/server.ts";
import { World } from "./virtual/world.ts";

let world: World;
let reader: Reader;
beforeEach(async () => {
  world = new World();
  const client = await world.openClient();
  reader = new Reader(client.room());
  await world.pass();
});

const type = (user: string, typing = true) => {
  world.server.tell("lobby", { type: "typing", user: person(user), typing });
  return world.pass();
};
const heard = () => reader.heard.typing.map(({ user, typing }) => `${user.id} ${typing}`);

describe("a person who is typing", () => {
  test("stops being shown after 10 s without another event", async () => {
    await type("bob");
    await world.pass(9_800);
    expect(heard()).toEqual(["bob true"]);
    await world.pass(300);
    expect(heard()).toEqual(["bob true", "bob false"]);
  });

  test("stays shown as long as the event is repeated", async () => {
    for (let i = 0; i < 5; i++) {
      await type("bob");
      await world.pass(8_000);
    }
    expect(heard()).toEqual(Array(5).fill("bob true"));
  });

  test("stops being shown when their message arrives, and nobody else's state changes", async () => {
    await type("bob");
    await type("cleo");
    world.server.push("lobby", world.server.write("lobby", "hi", "bob"));
    await world.pass();
    expect(heard()).toEqual(["bob true", "cleo true", "bob false"]);
  });

  test("stops being shown when their message is fetched because its push was lost", async () => {
    await type("bob");
    world.server.write("lobby", "hi", "bob");
    world.server.push("lobby", world.server.write("lobby", "hello", "cleo"));
    await world.pass(1_000);
    expect(heard()).toEqual(["bob true", "bob false"]);
  });

  test("stays shown while they edit or react", async () => {
    world.server.push("lobby", world.server.write("lobby", "hi", "bob"));
    await type("bob");
    world.server.push("lobby", world.server.write("lobby", { kind: "edit", target: 1, text: "hey" }, "bob"));
    await world.pass();
    expect(heard()).toEqual(["bob true"]);
  });

  test("is reported to stop only once, even if the server sends another stop event", async () => {
    await type("bob");
    await type("bob", false);
    await type("bob", false);
    await world.pass(20_000);
    expect(heard()).toEqual(["bob true", "bob false"]);
  });
});
