import { describe, expect, it } from "vitest";
import { type Given, wantedBy } from "../../bench/simulate/options.ts";

/** The kinds of rooms in the only scenario that the options define. */
function roomsBy(given: Given) {
  const [scenario] = wantedBy(given).scenarios;
  return scenario?.rooms;
}

describe("the options of a simulation", () => {
  it("default to a million people in three rooms of ten each", () => {
    const { scenarios, lobby } = wantedBy({});
    expect(scenarios).toHaveLength(1);
    expect(scenarios[0]?.connections).toBe(1_000_000);
    expect(lobby).toBe("");
    const [rooms] = scenarios[0]?.rooms ?? [];
    expect(rooms).toMatchObject({ size: 10, count: 300_000 });
    // Each person writes 0.2 messages a minute, shared among three rooms.
    expect(rooms?.rate).toBeCloseTo((0.2 / 60 / 3) * 10, 6);
  });

  it("accept several kinds of rooms, some with their own rate", () => {
    const rooms = roomsBy({ connections: "10000", rooms: "10,100x50,1000@20,2000x2@5", rate: "3" });
    expect(rooms).toMatchObject([
      { size: 10, count: 1_000 },
      { size: 100, count: 50 },
      { size: 1_000, count: 1, rate: 20 },
      { size: 2_000, count: 2, rate: 5 },
    ]);
    // The rates of all rooms without their own rate add up to the messages that people write.
    const [ten, hundred] = rooms ?? [];
    expect(1_000 * (ten?.rate ?? 0) + 50 * (hundred?.rate ?? 0)).toBeCloseTo((10_000 * 3) / 60, 6);
  });

  it.each<[what: string, given: Given, message: RegExp]>([
    ["a negative rate", { rate: "-1" }, /--rate is "-1"; it must be a number from 0 to 120/],
    ["a rate that isn't a number", { rate: "often" }, /--rate is "often"/],
    ["an empty value instead of a number", { typing: "" }, /--typing is ""/],
    ["no connections", { connections: "0" }, /--connections has "0"/],
    ["half a connection", { connections: "2.5" }, /--connections has "2.5"/],
    ["a room larger than the chat", { connections: "100", rooms: "1000" }, /a room of 1000, and there are only 100/],
    ["a room of one", { rooms: "1" }, /a room of 1; a room must have 2 to/],
    ["rooms in no known format", { rooms: "10 by 3" }, /"10 by 3"; a kind of rooms is SIZE/],
    ["a negative rate of a room", { rooms: "10@-1" }, /"10@-1"; a kind of rooms is SIZE/],
    ["more than a room accepts", { rooms: "1000@101" }, /a room of 1000 would get 101 .* at most 100 are accepted/],
    ["more than its members may write", { rooms: "10@50" }, /at most 20 are accepted/],
    ["more rooms than one connection may be in", { connections: "1000", rooms: "10x20000" }, /into 200 rooms/],
    ["a post that takes no time", { "post-ms": "0" }, /--post-ms is "0"/],
  ])("are refused for %s", (_, given, message) => {
    expect(() => wantedBy(given)).toThrow(message);
  });
});
