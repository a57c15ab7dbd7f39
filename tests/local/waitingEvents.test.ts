import { expect, it } from "vitest";
import { WaitingEvents } from "../../local/functions/waitingEvents.ts";

it("senders take turns, and each sender's events stay in order", () => {
  const waiting = new WaitingEvents<string>();
  for (const event of ["a1", "a2", "a3", "b1", "a4", "b2", "c1"]) waiting.push(event.charAt(0), event);
  expect(waiting.size).toBe(7);
  const taken = Array.from({ length: 4 }, () => waiting.shift());
  waiting.push("d", "d1");
  expect([...taken, ...Array.from({ length: 5 }, () => waiting.shift())]).toEqual([
    ...["a1", "b1", "c1", "a2"],
    ...["b2", "a3", "d1", "a4", undefined],
  ]);
  expect(waiting.size).toBe(0);
});
