/** Tests what members of a room are told when others come and go. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import type { Frame, TestClient } from "../webSocketClient.ts";
import { join, request, say, unique } from "./requests.ts";

/** Maximum time until a departure is announced: up to 8 s until its time slot is over, plus the announcement itself. */
const ANNOUNCED_MS = 15_000;

/** Minimum time between the end of a connection and the announcement. */
const HOLD_MS = 3_000;

const SLOT_MS = 5_000;

let target: Target;

beforeAll(async () => {
  target = await startTarget([]);
});
afterAll(() => target?.stop());

/** A room with two people who listen, and a third person, who isn't in a room yet. */
async function scene() {
  const [room, cleo] = [unique("room"), unique("cleo")];
  const [ana, bob] = [await target.connect(unique("ana")), await target.connect(unique("bob"))];
  await join(room, ana, bob);
  /** The frame that announces cleo. */
  const change = (online: boolean) => ({ type: "presence", room, user: { id: cleo, name: cleo }, online });
  /** Frames about cleo; the others may still be announced to each other. */
  const ofCleo = (frame: Frame) => frame.type === "presence" && frame.room === room && frame.user.id === cleo;
  const changes = (client: TestClient) => client.frames.filter(ofCleo);
  const members = async () => (await request(ana, "listMembers", { room })).members;
  const connect = () => target.connect(cleo);

  /** Closes cleo's connection and opens another one, which is in the room. */
  async function reconnect(closing: TestClient): Promise<{ client: TestClient; awayMs: number }> {
    const closedAt = performance.now();
    await closing.close();
    const client = await connect();
    await request(client, "hello", { rooms: [{ room }] });
    return { client, awayMs: performance.now() - closedAt };
  }

  /**
   * Expects that only long absences were announced. On a busy machine, a reconnect may take so long that cleo's
   * departure is announced, and then cleo's return.
   */
  function expectToldOnlyOf(absencesMs: number[]): void {
    const long = absencesMs.filter((ms) => ms >= HOLD_MS).length;
    const told = changes(ana).map(({ online }) => online);
    expect(told.filter((online) => !online).length).toBeLessThanOrEqual(long);
    expect(told.at(-1) ?? true).toBe(true);
  }

  const person = { id: cleo, name: cleo };
  return { room, ana, bob, person, connect, change, ofCleo, changes, members, reconnect, expectToldOnlyOf };
}

/** Waits until departures of this time have been announced. */
const announced = (leftAt: number) =>
  target.cloud?.waitFor("log", ({ line }) => {
    const slot = /"did":"announced".*"slot":(\d+)/.exec(line)?.[1];
    return Number(slot) >= Math.floor(leftAt / SLOT_MS);
  });

// These tests wait for time slots to end, so they run concurrently; each has its own people.
describe.concurrent("presence", () => {
  test("announces people who join and leave to the others, and not to themselves", async () => {
    const { room, ana, bob, connect, change, ofCleo, changes } = await scene();
    const cleo = await connect();
    await request(cleo, "joinRoom", { room });
    for (const client of [ana, bob]) expect(await client.next(ofCleo)).toEqual(change(true));
    await request(cleo, "leaveRoom", { room });
    for (const client of [ana, bob]) expect(await client.next(ofCleo)).toEqual(change(false));
    await request(cleo, "ping");
    expect(changes(cleo)).toEqual([]);
  });

  test("announces people who join by hello", async () => {
    const { room, ana, connect, change, ofCleo } = await scene();
    const cleo = await connect();
    await request(cleo, "hello", { rooms: [{ room }] });
    expect(await ana.next(ofCleo)).toEqual(change(true));
  });

  test("announces a connection that ends to each of its rooms", async () => {
    const { room, ana, bob, person, connect, change, ofCleo } = await scene();
    const cleo = await connect();
    const other = unique("other");
    await join(room, cleo);
    await join(other, ana, cleo);
    for (const client of [ana, bob]) client.frames.length = 0;
    await cleo.close();
    for (const client of [ana, bob]) expect(await client.next(ofCleo, ANNOUNCED_MS)).toEqual(change(false));
    expect(
      await ana.next(
        (frame) => frame.type === "presence" && frame.room === other && frame.user.id === person.id && !frame.online,
        ANNOUNCED_MS,
      ),
    ).toBeDefined();
  });

  test("doesn't announce a short loss of network", async () => {
    const { room, ana, person, connect, change, ofCleo, changes, members, ...stage } = await scene();
    const cleo = await connect();
    await request(cleo, "hello", { rooms: [{ room }] });
    expect(await ana.next(ofCleo)).toEqual(change(true));
    const leftAt = Date.now();
    const { client, awayMs } = await stage.reconnect(cleo);
    await announced(leftAt);
    await request(ana, "ping");
    stage.expectToldOnlyOf([awayMs]);
    expect(await members()).toContainEqual(person);
    for (const frame of changes(ana)) ana.frames.splice(ana.frames.indexOf(frame), 1);
    await client.close();
    expect(await ana.next(ofCleo, ANNOUNCED_MS)).toEqual(change(false));
  });

  test("counts somebody as present until the departure is announced", async () => {
    const { room, ana, person, connect, change, ofCleo, members } = await scene();
    const cleo = await connect();
    await join(room, cleo);
    const closedAt = performance.now();
    await cleo.close();
    const membersThen = await members();
    if (performance.now() - closedAt < HOLD_MS) expect(membersThen).toContainEqual(person);
    expect(await ana.next((frame) => ofCleo(frame) && !frame.online, ANNOUNCED_MS)).toEqual(change(false));
    expect(await members()).not.toContainEqual(person);
  });

  test("is correct after fifteen quick reconnects", async () => {
    const { room, ana, person, connect, members, ...stage } = await scene();
    let cleo = await connect();
    await request(cleo, "hello", { rooms: [{ room }] });
    const absencesMs: number[] = [];
    let leftAt = 0;
    for (let i = 0; i < 15; i++) {
      leftAt = Date.now();
      const { client, awayMs } = await stage.reconnect(cleo);
      cleo = client;
      absencesMs.push(awayMs);
    }
    await announced(leftAt);
    await request(ana, "ping");
    stage.expectToldOnlyOf(absencesMs);
    expect(await members()).toContainEqual(person);
  });

  test("doesn't announce somebody who only listens until they send something", async () => {
    const { ana } = await scene();
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

  test("lasts until the last connection of a person has left", async () => {
    const { room, ana, connect, change, ofCleo, changes } = await scene();
    const [cleo, cleoToo] = [await connect(), await connect()];
    await request(cleo, "joinRoom", { room });
    expect(await ana.next(ofCleo)).toEqual(change(true));

    const { connectionId: secondId } = await request(cleoToo, "hello");
    await request(cleoToo, "joinRoom", { room });
    // After the ack, the function still checks whether to announce cleo. It logs this line when it has finished.
    await target.cloud?.waitFor("log", ({ line }) => line.includes('"joined"') && line.includes(secondId));
    await request(cleo, "leaveRoom", { room });
    await request(cleo, "joinRoom", { room });
    const { connectionId } = await request(cleo, "hello");
    await cleo.close();
    await target.cloud?.waitFor("log", ({ line }) => line.includes("disconnected") && line.includes(connectionId));
    await request(ana, "ping");
    expect(changes(ana)).toEqual([]);

    await request(cleoToo, "leaveRoom", { room });
    expect(await ana.next(ofCleo)).toEqual(change(false));
  });
});
