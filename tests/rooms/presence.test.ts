/** Presence: what members of a room are told when others come and go. The tests wait for time slots to end. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import type { Frame, TestClient } from "../webSocketClient.ts";
import { join, request, say, unique } from "./requests.ts";

const CLEO = { id: "cleo", name: "cleo" };

/** Departures are announced when their time slot is over: up to 8 s later, and the time that it takes. */
const ANNOUNCED_MS = 15_000;

/** Nobody is announced as gone earlier than this after a connection ended. */
const HOLD_MS = 3_000;

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
  /** The frame that announces somebody who came or left. */
  const change = (user: string, online: boolean) => ({
    type: "presence",
    room,
    user: { id: user, name: user },
    online,
  });
  /** Frames about cleo; the others may still be announced to each other. */
  const ofCleo = (frame: Frame) => ofType("presence")(frame) && frame.user.id === "cleo";
  const changes = (client: TestClient) => client.frames.filter(ofCleo);

  /** Closes cleo's connection and opens another one, which is in the room. */
  async function reconnect(cleo: TestClient): Promise<{ client: TestClient; awayMs: number }> {
    const closedAt = performance.now();
    await cleo.close();
    const client = await target.connect("cleo");
    await request(client, "hello", { rooms: [{ room }] });
    return { client, awayMs: performance.now() - closedAt };
  }

  /** How often departures have been announced. */
  const announcements = () =>
    target.cloud?.reports.filter(
      ({ event, ...report }) => event === "log" && "line" in report && report.line.includes("announced"),
    ).length ?? 0;
  const announcedSince = (before: number) =>
    target.cloud?.waitFor("log", ({ line }) => line.includes("announced") && announcements() > before);

  /** On a busy machine a reconnect may take so long that her departure is announced, and then her return. */
  function expectToldOnlyOf(absencesMs: number[]): void {
    const long = absencesMs.filter((ms) => ms >= HOLD_MS).length;
    const told = changes(ana).map(({ online }) => online);
    expect(told.filter((online) => !online).length).toBeLessThanOrEqual(long);
    expect(told.at(-1) ?? true).toBe(true);
  }

  test("announces people who join and leave to the others, and not to themselves", async () => {
    const cleo = await target.connect("cleo");
    await request(cleo, "joinRoom", { room });
    for (const client of [ana, bob]) expect(await client.next(ofCleo)).toEqual(change("cleo", true));
    await request(cleo, "leaveRoom", { room });
    for (const client of [ana, bob]) expect(await client.next(ofCleo)).toEqual(change("cleo", false));
    await request(cleo, "ping");
    expect(changes(cleo)).toEqual([]);
  });

  test("announces people who join by hello", async () => {
    const cleo = await target.connect("cleo");
    await request(cleo, "hello", { rooms: [{ room }] });
    expect(await ana.next(ofCleo)).toEqual(change("cleo", true));
  });

  test("announces a connection that ends to each of its rooms", async () => {
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

  test("doesn't announce a short loss of network", async () => {
    const cleo = await target.connect("cleo");
    await request(cleo, "hello", { rooms: [{ room }] });
    expect(await ana.next(ofCleo)).toEqual(change("cleo", true));
    const before = announcements();
    const { client, awayMs } = await reconnect(cleo);
    await announcedSince(before);
    await request(ana, "ping");
    expectToldOnlyOf([awayMs]);
    expect((await request(ana, "listMembers", { room })).members).toContainEqual(CLEO);
    for (const frame of changes(ana)) ana.frames.splice(ana.frames.indexOf(frame), 1);
    await client.close();
    expect(await ana.next(ofCleo, ANNOUNCED_MS)).toEqual(change("cleo", false));
  });

  test("counts somebody as there until the departure is announced", async () => {
    const cleo = await target.connect("cleo");
    await join(room, cleo);
    const closedAt = performance.now();
    await cleo.close();
    const { members } = await request(ana, "listMembers", { room });
    if (performance.now() - closedAt < HOLD_MS) expect(members).toContainEqual(CLEO);
    expect(await ana.next((frame) => ofCleo(frame) && !frame.online, ANNOUNCED_MS)).toEqual(change("cleo", false));
    expect((await request(ana, "listMembers", { room })).members).not.toContainEqual(CLEO);
  });

  test("is right after fifteen quick reconnects", async () => {
    let cleo = await target.connect("cleo");
    await request(cleo, "hello", { rooms: [{ room }] });
    const before = announcements();
    const absencesMs: number[] = [];
    for (let i = 0; i < 15; i++) {
      const { client, awayMs } = await reconnect(cleo);
      cleo = client;
      absencesMs.push(awayMs);
    }
    await announcedSince(before);
    await request(ana, "ping");
    expectToldOnlyOf(absencesMs);
    const { members } = await request(ana, "listMembers", { room });
    expect(members).toContainEqual(CLEO);
  });

  test("doesn't announce somebody who only listens until they send something", async () => {
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
    const [cleo, cleoToo] = [await target.connect("cleo"), await target.connect("cleo")];
    await request(cleo, "joinRoom", { room });
    expect(await ana.next(ofCleo)).toEqual(change("cleo", true));

    const { connectionId: secondId } = await request(cleoToo, "hello");
    await request(cleoToo, "joinRoom", { room });
    // The ack comes first; until the line is logged, it is still being found out whether others know of her.
    await target.cloud?.waitFor("log", ({ line }) => line.includes('"joined"') && line.includes(secondId));
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
