/** Presence in a busy room: thirty people leave during heavy traffic. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import { join, request } from "./requests.ts";

const ROOM = "busy";

let target: Target;

beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target?.stop());

test("everyone who leaves during heavy traffic is announced", async () => {
  const [ana, bob] = [await target.connect("ana"), await target.connect("bob")];
  await join(ROOM, ana, bob);
  const names = Array.from({ length: 30 }, (_, i) => `leaver ${i}`);
  const leavers = await Promise.all(names.map((name) => target.connect(name)));
  for (const leaver of leavers) await request(leaver, "joinRoom", { room: ROOM });
  const speaking = setInterval(() => bob.send({ action: "sendMessage", room: ROOM, text: "la la la" }), 100);
  try {
    for (const leaver of leavers) await leaver.close();
    for (const name of names) {
      const frame = await ana.next(
        ({ type, room, user, online }) => type === "presence" && room === ROOM && user.id === name && !online,
        25_000,
      );
      expect(frame).toMatchObject({ user: { id: name }, online: false });
    }
  } finally {
    clearInterval(speaking);
  }
});
