/** Floods a connection with far more than is allowed. */
import { expect } from "vitest";
import type { Target } from "../e2e/target.ts";
import { HandshakeRefused } from "../webSocketClient.ts";
import { say, unique } from "./requests.ts";

/** Sends a frame 400 times per second; expects that the connection is closed and that its user can't reconnect yet. */
export async function expectFloodEnded(target: Target, frame: object): Promise<void> {
  const [name, other] = [unique("flood"), await target.connect(unique("calm"))];
  const flood = await target.connect(name);
  const sending = setInterval(() => {
    for (let i = 0; i < 20; i++) flood.send(frame);
  }, 50);
  try {
    expect(await flood.next(({ type }) => type === "bye", 30_000)).toEqual({
      type: "bye",
      reason: "too many refused frames",
      retryAfterMs: 30_000,
    });
  } finally {
    clearInterval(sending);
  }
  await flood.closed;
  await expect(target.connect(name)).rejects.toThrow(HandshakeRefused);
  await say(other, "lobby", "unharmed");
}
