/** A private room's moderation through the client. */
import { expect, test } from "vitest";
import type { ChatError } from "../../client/index.ts";
import { refusal } from "./virtual/server.ts";
import { outcomeOf, World } from "./virtual/world.ts";

test("invite() and ban() name the room and the person, and resolve when they are acknowledged", async () => {
  const world = new World();
  for (const action of ["invite", "ban"]) world.server.on(action, () => ({ type: "ack" }));
  const room = (await world.openClient()).room("private-tea");
  await world.pass();

  const invited = room.invite("bob", { moderator: true });
  const banned = room.ban("eve");
  await world.pass();
  expect(await outcomeOf(invited.then(() => "done"))).toBe("done");
  expect(await outcomeOf(banned.then(() => "done"))).toBe("done");
  expect(world.server.asked("invite", "ban")).toMatchObject([
    { action: "invite", room: "private-tea", user: "bob", moderator: true },
    { action: "ban", room: "private-tea", user: "eve" },
  ]);
});

test("a refused invitation rejects with the server's reason", async () => {
  const world = new World();
  world.server.on("invite", () => refusal("FORBIDDEN"));
  const room = (await world.openClient()).room("private-tea");

  const refused = room.invite("bob").catch((error: ChatError) => error.code);
  await world.pass();
  expect(await outcomeOf(refused)).toBe("FORBIDDEN");
});
