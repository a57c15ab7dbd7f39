/** Whatever happens to frames, answers and connections, every message is in the log once, in its sender's order. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChatError, Client, Outgoing } from "../../client/index.ts";
import type { Frame } from "../webSocketClient.ts";
import { Reader } from "./reader.ts";
import { type Answerer, refusal } from "./virtual/server.ts";
import { VirtualStore } from "./virtual/store.ts";
import { outcomeOf, World } from "./virtual/world.ts";

const USERS = ["ana", "bob"];
const ROOMS = ["lobby", "den"];

/** What the server can do with an append: each fate returns its answer, or undefined for no answer. */
const FATES: Record<string, (world: World) => Answerer> = {
  accepted: () => (_, __, usual) => usual(),
  "never arrived": () => () => undefined,
  "ack and event lost": (world) => (_, __, usual) => {
    world.server.brings = ({ type }) => type !== "event" && type !== "ack";
    const answer = usual();
    world.clock.after(2 * world.server.travelMs, () => {
      world.server.brings = () => true;
    });
    return answer;
  },
  "ack lost": () => (_, __, usual) => {
    usual();
    return undefined;
  },
  "ack late": (world) => (frame, socket, usual) => {
    const ack = { id: frame.id, ...usual() };
    world.clock.after(16_000, () => {
      if (socket.isOpen) socket.say(ack);
    });
    return undefined;
  },
  "written late": (world) => (_, __, usual) => {
    world.clock.after(20_000, () => void usual());
    return undefined;
  },
  "connection lost before": () => (_, socket) => {
    socket.end();
    return undefined;
  },
  "connection lost after": () => (_, socket, usual) => {
    usual();
    socket.end();
    return undefined;
  },
  "refused for now": () => () => refusal("RATE_LIMITED", { retryable: true, retryAfterMs: 700 }),
  "token expired": () => () => refusal("TOKEN_EXPIRED"),
  "no member": () => (frame, socket) => {
    socket.rooms.delete(frame.room);
    return refusal("NOT_A_MEMBER");
  },
};

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ send: fc.nat(1), room: fc.nat(1), times: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ pass: fc.integer({ min: 0, max: 20_000 }) }) },
  { weight: 1, arbitrary: fc.record({ cut: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ reload: fc.nat(1) }) },
);

test("every message sent is in the log once, in its sender's order, and every reader sees it that way", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.array(fc.constantFrom(...Object.keys(FATES)), { maxLength: 30 }),
      async (steps, fates) => {
        const world = new World();
        const stores = USERS.map(() => new VirtualStore());
        const open = (n: number) => world.client(USERS[n] as string, { store: stores[n] as VirtualStore });
        const clients = USERS.map((_, n) => open(n));
        const readers = ROOMS.map((room) => new Reader(world.client("eve").room(room), 0));
        /** The texts by room and user, in the order in which they were sent. */
        const said = new Map<string, string[]>();
        const saidBy = (room: string, user: string) => said.get(`${room} ${user}`) ?? [];
        const remaining = [...fates];
        world.server.on("sendMessage", (frame, socket, usual) => {
          expectNoOvertaking(world, saidBy(frame.room, socket.user), frame, socket.user);
          const fate = FATES[remaining.shift() ?? "accepted"] as (world: World) => Answerer;
          return fate(world)(frame, socket, usual);
        });
        const outgoing: Outgoing[] = [];
        let sent = 0;
        for (const step of steps) {
          if ("pass" in step) await world.pass(step.pass);
          else if ("cut" in step) {
            for (const socket of world.server.openSockets) if (socket.user === USERS[step.cut]) socket.end();
          } else if ("reload" in step) {
            clients[step.reload]?.close();
            await world.pass(50);
            clients[step.reload] = open(step.reload);
          } else {
            const [room, user] = [ROOMS[step.room] as string, USERS[step.send] as string];
            for (let i = 0; i < step.times; i++) {
              const text = `message ${++sent}`;
              said.set(`${room} ${user}`, [...saidBy(room, user), text]);
              outgoing.push((clients[step.send] as Client).room(room).send(text));
            }
          }
        }
        remaining.length = 0;
        // Each attempt may wait for 20 s, and each message waits for earlier ones in its room.
        await world.pass(1_800_000);

        for (const [i, room] of ROOMS.entries()) {
          for (const user of USERS) {
            const texts = world.server
              .log(room)
              .flatMap((entry) => (entry.kind === "message" && entry.user.id === user ? [entry.text] : []));
            expect(texts).toEqual(saidBy(room, user));
          }
          expect(readers[i]?.texts).toEqual(world.server.texts(room));
        }
        expect(stores.flatMap(({ texts }) => texts)).toEqual([]);
        expect(clients.flatMap((client) => ROOMS.flatMap((room) => client.room(room).outgoing))).toEqual([]);
        await expectPlaces(world, outgoing);
      },
    ),
    { numRuns: 150 },
  );
});

/** Expects that an append is sent only when everything that its author sent before it is in the log. */
function expectNoOvertaking(world: World, said: string[], frame: Frame, user: string): void {
  const before = said.slice(0, said.indexOf(frame.text));
  const logged = world.server
    .log(frame.room)
    .flatMap((entry) => (entry.kind === "message" && entry.user.id === user ? [entry.text] : []));
  expect(logged).toEqual(expect.arrayContaining(before));
}

/** Expects each acknowledged message at its acknowledged position. */
async function expectPlaces(world: World, outgoing: Outgoing[]): Promise<void> {
  for (const { acknowledged, id } of outgoing) {
    const outcome = await outcomeOf(acknowledged).catch(({ code }: ChatError) => code);
    // CLOSED means that the next client took over the message.
    if (outcome === "CLOSED") continue;
    const entries = ROOMS.flatMap((room) => world.server.log(room)).filter((entry) => "id" in entry && entry.id === id);
    expect(entries).toMatchObject([outcome]);
  }
}
