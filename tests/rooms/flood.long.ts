/** Floods of every kind of frame except appends, which tests/rooms/rates.long.ts covers. */
import { afterAll, beforeAll, test } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import { expectFloodEnded } from "./flood.ts";

let target: Target;

beforeAll(async () => {
  const config = { userRate: 2, userBurst: 5, roomRate: 10, connectRate: 6 };
  target = await startTarget(Object.entries(config).flatMap(([key, value]) => ["--config", `${key}=${value}`]));
});
afterAll(() => target?.stop());

test.each([
  ["cheap frames", { action: "ping" }],
  ["expensive frames", { action: "setTyping", typing: true }],
])("a connection that floods with %s is told why and closed; only its user has to wait to reconnect", (_, frame) =>
  expectFloodEnded(target, frame),
);
