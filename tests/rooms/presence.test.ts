/** Who is there: what the people in a room are told of others who come and go. It waits for time slots to end. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import type { Frame, TestClient } from "../webSocketClient.ts";
import { join, request, say, unique } from "./requests.ts";

const CLEO = { id: "cleo", name: "cleo" };

/** Departures are announced when their time slot is over: up to 8 s later, and the time that it takes. */
const ANNOUNCED_MS = 15_000;

let target: Target;
let ana: TestClient;
let bob: TestClient;
let room = "";

beforeAll(async () => {
  target = await startTarget([]);
  [ana, bob] = [await target.connect("ana"), await target.connect("bob")];
});
afterAll(() => target?.stop());

beforeEach(async () => {
  room = unique("room");
  await join(room, ana, bob);
});

const ofType = (wanted: string) => (frame: Frame) => frame.type === wanted && frame.room === room;

describe("presence", () => {
  /** Somebody has come or gone. */
  const change = (user: string, online: boolean) => ({
    type: "presence",
    room,
    user: { id: user, name: user },
    online,
  });
  /** What is told of cleo: the others may still be told of each other. */
  const ofCleo = (frame: Frame) => ofType("presence")(frame) && frame.user.id === "cleo";
  /** The next time that departures are announced. */
  const announcement = async () => {
    const count = () => target.cloud?.reports.filter((r) => r.event === "log" && r.line.includes("announced")).length;
    const before = count();
    await target.cloud?.waitFor("log", ({ line }) => line.includes("announced") && count() !== before);
  };
  const changes = (client: TestClient) => client.frames.filter(ofCleo);

  test("is told of who joins and who leaves to the others, and not to themselves", async () => {
    const cleo = await target.connect("cleo");
    await request(cleo, "joinRoom", { room });
    for (const client of [ana, bob]) expect(await client.next(ofCleo)).toEqual(change("cleo", true));
    await request(cleo, "leaveRoom", { room });
    for (const client of [ana, bob]) expect(await client.next(ofCleo)).toEqual(change("cleo", false));
    await request(cleo, "ping");
    expect(changes(cleo)).toEqual([]);
  });

  test("is told of who comes by hello", async () => {
    const cleo = await target.connect("cleo");
    await request(cleo, "hello", { rooms: [{ room }] });
    expect(await ana.next(ofCleo)).toEqual(change("cleo", true));
  });

  test("is told of whose connection ends, to each of their rooms", async () => {
    const cleo = await target.connect("cleo");
    const other = unique("other");
    await join(room, cleo);
    await join(other, ana, cleo);
    for (const client of [ana, bob]) client.frames.length = 0;
    await cleo.close();
    for (const client of [ana, bob]) expect(await client.next(ofCleo, ANNOUNCED_MS)).toEqual(change("cleo", false));
    expect(
      await ana.next(
        (frame) => frame.type === "presence" && frame.room === other && frame.user.id === "cleo" && !frame.online,
        ANNOUNCED_MS,
      ),
    ).toBeDefined();
  });

  test("of a short network blink is told to nobody", async () => {
    const cleo = await target.connect("cleo");
    await request(cleo, "hello", { rooms: [{ room }] });
    expect(await ana.next(ofCleo)).toEqual(change("cleo", true));
    await cleo.close();
    await request(ana, "listMembers", { room }).then(({ members }) => expect(members).toContainEqual(CLEO));
    const cleoAgain = await target.connect("cleo");
    await request(cleoAgain, "hello", { rooms: [{ room }] });
    await announcement();
    await request(ana, "ping");
    expect(changes(ana)).toEqual([]);
    await cleoAgain.close();
    expect(await ana.next(ofCleo, ANNOUNCED_MS)).toEqual(change("cleo", false));
  });

  test("is right after fifteen quick reconnects", async () => {
    for (let i = 0; i < 15; i++) {
      const cleo = await target.connect("cleo");
      await request(cleo, "hello", { rooms: [{ room }] });
      if (i < 14) await cleo.close();
    }
    await announcement();
    await request(ana, "ping");
    expect(changes(ana).filter(({ online }) => !online)).toEqual([]);
    const { members } = await request(ana, "listMembers", { room });
    expect(members).toContainEqual(CLEO);
  });

  test("of somebody who has only listened is told to nobody, until they say something", async () => {
    const ofFay = (frame: Frame) => frame.type === "presence" && frame.room === "lobby" && frame.user.id === "fay";
    const [lurker, speaker] = [await target.connect("fay"), await target.connect("gia")];
    await lurker.close();
    await say(speaker, "lobby", "hi");
    const online = (frame: Frame) => frame.type === "presence" && frame.room === "lobby" && frame.user.id === "gia";
    expect(await ana.next(online)).toMatchObject({ online: true });
    await speaker.close();
    expect(await ana.next(online, ANNOUNCED_MS)).toMatchObject({ online: false });
    expect(ana.frames.filter(ofFay)).toEqual([]);
  });

  test("is told of everyone who leaves while messages flow", async () => {
    const names = Array.from({ length: 30 }, (_, i) => `leaver ${i}`);
    const leavers = await Promise.all(names.map((name) => target.connect(name)));
    for (const leaver of leavers) await request(leaver, "joinRoom", { room });
    const speaking = setInterval(() => bob.send({ action: "sendMessage", room, text: "la la la" }), 100);
    for (const leaver of leavers) await leaver.close();
    for (const name of names) {
      await ana.next(
        (frame) => ofType("presence")(frame) && frame.user.id === name && !frame.online,
        ANNOUNCED_MS + 10_000,
      );
    }
    clearInterval(speaking);
  }, 60_000);

  test("of somebody with a second connection lasts until that one goes, too", async () => {
    const [cleo, cleoToo] = [await target.connect("cleo"), await target.connect("cleo")];
    await request(cleo, "joinRoom", { room });
    expect(await ana.next(ofCleo)).toEqual(change("cleo", true));

    await request(cleoToo, "joinRoom", { room });
    await request(cleo, "leaveRoom", { room });
    await request(cleo, "joinRoom", { room });
    const { connectionId } = await request(cleo, "hello");
    await cleo.close();
    await target.cloud?.waitFor("log", ({ line }) => line.includes("disconnected") && line.includes(connectionId));
    await request(ana, "ping");
    expect(changes(ana)).toEqual([]);

    await request(cleoToo, "leaveRoom", { room });
    expect(await ana.next(ofCleo)).toEqual(change("cleo", false));
  });
});
