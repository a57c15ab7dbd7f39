import { afterAll, beforeAll, expect, it } from "vitest";
import type { Usage as Metered } from "../../bench/meter.ts";
import { type MeteredCloud, startMeteredCloud } from "../../bench/meteredCloud.ts";
import { Crowd } from "../../bench/scale/crowd.ts";
import { LATENCIES } from "../../bench/simulate/assumptions.ts";
import { laboratoryWith } from "../../bench/simulate/laboratory.ts";
import { type Laboratory, simulateRoom } from "../../bench/simulate/room.ts";
import { simulateSessions } from "../../bench/simulate/sessions.ts";
import { totalOf, type Usage, unitsOf } from "../../bench/simulate/usage.ts";
import { requestToken } from "../../cli/localIssuer.ts";
import { TestClient } from "../webSocketClient.ts";

/** Rooms of ten real connections each. One connection from each room is also in the large room. */
const ROOMS = 12;
const SIZE = 10;
const LARGE = { name: "large", size: 1_000 };

/** Concurrent handshakes. */
const HANDSHAKES = 8;

/** Maximum relative difference between the counts. */
const TOLERANCE = 0.1;

let at: MeteredCloud;
let laboratory: Laboratory;
const members = new Map<string, TestClient>();
let asked = 0;

async function open(name: string, rooms: string[]): Promise<void> {
  const protocols = ["chat.v1", `bearer.${await requestToken(at.issuer, { user: name })}`];
  const client = await TestClient.open(at.webSocketUrl, protocols);
  members.set(name, client);
  await ask(name, "hello", { rooms: rooms.map((room) => ({ room })) });
}

async function ask(name: string, action: string, fields: object) {
  const answer = await member(name).ask({ id: `simulate ${++asked}`, action, ...fields });
  if (answer.type === "error") throw new Error(`${action} was answered with ${JSON.stringify(answer)}`);
  return answer;
}

function member(name: string): TestClient {
  const client = members.get(name);
  if (client === undefined) throw new Error(`${name} isn't connected`);
  return client;
}

/** Average usage of an action that is performed once in each room. */
async function usedByEach(act: (room: number) => Promise<unknown>): Promise<Metered> {
  const { meter } = at;
  const before = meter.usage;
  await Promise.all(Array.from({ length: ROOMS }, (_, room) => act(room)));
  await meter.idleSince(before);
  return eachOf(meter.usage, before, ROOMS);
}

function eachOf(after: Metered, before: Metered, times: number): Metered {
  const used = (what: keyof Metered) => (after[what] - before[what]) / times;
  return {
    invocations: used("invocations"),
    posts: used("posts"),
    readUnits: used("readUnits"),
    writeUnits: used("writeUnits"),
  };
}

function simulated(usage: Usage, times: number): Metered {
  const { read, write } = unitsOf(usage);
  return {
    invocations: totalOf(usage, "invocations") / times,
    posts: usage.posts / times,
    readUnits: read / times,
    writeUnits: write / times,
  };
}

function expectAlike(simulation: Metered, local: Metered): void {
  for (const what of ["invocations", "posts", "readUnits", "writeUnits"] as const) {
    const apart = `${what}: ${simulation[what]} simulated, ${local[what]} on the local cloud`;
    expect(Math.abs(simulation[what] - local[what]), apart).toBeLessThanOrEqual(TOLERANCE * local[what]);
  }
}

beforeAll(async () => {
  laboratory = await laboratoryWith(LATENCIES, "");
  const config = { "chat:lobby": "", "chat:handshakeRate": "10000", "chat:throttleRate": "10000" };
  at = await startMeteredCloud({ ...config, "chat:throttleBurst": "5000" });
  const names = Array.from({ length: ROOMS * SIZE }, (_, i) => [i % ROOMS, Math.floor(i / ROOMS)] as const);
  const connectSome = async () => {
    for (let next = names.pop(); next !== undefined; next = names.pop()) {
      const [room, i] = next;
      await open(`${room} ${i}`, [`room ${room}`, ...(i === 1 ? [LARGE.name] : [])]);
    }
  };
  await Promise.all(Array.from({ length: HANDSHAKES }, connectSome));
  await new Crowd(at).fill(LARGE.name, LARGE.size - ROOMS, LARGE.name);
  await at.meter.idle();
});

afterAll(async () => {
  for (const { socket } of members.values()) socket.terminate();
  await at?.cloud.stop();
});

it("a simulation counts a session like a local run: handshake, hello into a room of ten, departure", async () => {
  const kind = { perSecond: ROOMS, minutes: 1, heartbeatSeconds: 600, isSwept: false };
  const { usage, sessions } = await simulateSessions({ ...kind, rooms: [{ size: SIZE, perPerson: 1 }] }, laboratory);
  const left = await usedByEach((room) => member(`${room} 0`).close());
  const come = await usedByEach((room) => open(`${room} 0`, [`room ${room}`]));
  const local = eachOf(
    {
      invocations: left.invocations + come.invocations,
      posts: left.posts + come.posts,
      readUnits: left.readUnits + come.readUnits,
      writeUnits: left.writeUnits + come.writeUnits,
    },
    { invocations: 0, posts: 0, readUnits: 0, writeUnits: 0 },
    1,
  );
  expectAlike(simulated(usage, sessions), local);
});

it("a simulation counts a message in a room of ten like a local run, with typing frame and read marker", async () => {
  const { usage, sent } = await simulateRoom({ size: SIZE, rate: 0.01 }, { typing: 1, reads: 1 }, laboratory);
  const local = [
    await usedByEach(async (room) =>
      member(`${room} 2`).send({ action: "setTyping", room: `room ${room}`, typing: true }),
    ),
    await usedByEach((room) => ask(`${room} 2`, "sendMessage", { room: `room ${room}`, text: "hi" })),
    await usedByEach(async (room) => member(`${room} 3`).send({ action: "markRead", room: `room ${room}`, seq: 1 })),
  ].reduce((a, b) => ({
    invocations: a.invocations + b.invocations,
    posts: a.posts + b.posts,
    readUnits: a.readUnits + b.readUnits,
    writeUnits: a.writeUnits + b.writeUnits,
  }));
  expectAlike(simulated(usage, sent), local);
});

it("a simulation counts a message in a room of 1,000 like a local run, with the ranges of members that fanOut posts to", async () => {
  const { usage, sent } = await simulateRoom({ size: LARGE.size, rate: 0.01 }, { typing: 0, reads: 0 }, laboratory);
  const { meter } = at;
  const before = meter.usage;
  await ask("0 1", "sendMessage", { room: LARGE.name, text: "hi" });
  await meter.idleSince(before);
  expectAlike(simulated(usage, sent), eachOf(meter.usage, before, 1));
});
