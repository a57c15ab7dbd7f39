/** Performs each action once against a local cloud, and counts its usage. */
import { setTimeout as sleep } from "node:timers/promises";
import { requestToken } from "../../cli/localIssuer.ts";
import { type Frame, TestClient } from "../../tests/webSocketClient.ts";
import type { Usage } from "../meter.ts";
import { type MeteredCloud, startMeteredCloud } from "../meteredCloud.ts";
import { Crowd } from "./crowd.ts";

/** Sizes of the rooms to measure. Presence, typing and read markers are only sent in rooms of up to 100 people. */
export const ROOM_SIZES = [2, 10, 100, 1_000, 3_000];

/** Size of a lobby that is too large for presence, as in every chat that has to scale. */
const LOBBY_MEMBERS = 300;

/** A room with one real member, whose row is copied for the members without a client. */
const MODEL = "model";

/** After this pause, a person's rate limits are fully restored. */
const QUIET_MS = 1_100;

/** Number of pings to average over: a function writes the count of a person's frames to the table at every tenth. */
const PINGS = 10;

/** Number of connections due for the sweep's check, over which its cost per connection is averaged. */
const DUE = 20;

export interface Cost extends Usage {
  action: string;
}

/**
 * Measures every action in a chat.
 *
 * @param lobby name of the lobby, or "" for none
 * @param rooms number of rooms that each person is in, besides the lobby; only some actions depend on it
 */
export async function measureActions(lobby: string, rooms: number): Promise<Map<string, Cost>> {
  const run = new Run(await startMeteredCloud({ "chat:lobby": lobby }), lobby, rooms);
  try {
    await run.measure();
  } finally {
    await run.stop();
  }
  return run.costs;
}

class Run {
  readonly costs = new Map<string, Cost>();
  readonly #at: MeteredCloud;
  readonly #crowd: Crowd;
  readonly #lobby: string;
  readonly #rooms: string[];
  readonly #clients: TestClient[] = [];
  #count = 0;

  constructor(at: MeteredCloud, lobby: string, rooms: number) {
    this.#at = at;
    this.#crowd = new Crowd(at);
    this.#lobby = lobby;
    this.#rooms = Array.from({ length: rooms }, (_, i) => `one of many ${i}`);
  }

  async stop(): Promise<void> {
    for (const { socket } of this.#clients) socket.terminate();
    await this.#at.cloud.stop();
  }

  async measure(): Promise<void> {
    const host = await this.#connect("host");
    await this.#ask(host, "joinRoom", { room: MODEL });
    for (const room of this.#rooms) await this.#crowd.fill(room, 9, MODEL);
    await this.#cost("sweep, with nothing due", () => this.#sweep());
    await this.#measureLurker();
    if (this.#lobby !== "") await this.#crowd.fill(this.#lobby, LOBBY_MEMBERS, MODEL);
    await this.#measureConnection();
    for (const size of ROOM_SIZES) await this.#measureRoom(size);
    await this.#measureSweep();
  }

  /** Measures the first message of a connection that hasn't sent anything before, in a lobby of 10. */
  async #measureLurker(): Promise<void> {
    if (this.#lobby === "") return;
    await this.#crowd.fill(this.#lobby, 8, MODEL);
    const lurker = await this.#connect("lurker");
    await this.#cost("first message of a lurker, room of 10", () =>
      this.#ask(lurker, "sendMessage", { room: this.#lobby, text: "hi" }),
    );
  }

  async #measureConnection(): Promise<void> {
    let client: TestClient | undefined;
    await this.#cost("connect", async () => {
      client = await this.#connect("ana");
    });
    await this.#cost("connect, a person's second connection", () => this.#connect("ana"));
    const ana = client as TestClient;
    const single = await this.#connect("cleo");
    const [room] = this.#rooms;
    await this.#cost("hello into 1 room of 10", () => this.#ask(single, "hello", { rooms: [{ room }] }));
    await this.#cost("disconnect from 1 room of 10, and departure", () => single.close());
    const rooms = this.#rooms.map((name) => ({ room: name }));
    await this.#cost(`hello into ${rooms.length} rooms of 10`, () => this.#ask(ana, "hello", { rooms }));
    await this.#cost("ping", () => this.#pings(ana, {}), PINGS);
    await this.#cost(`ping naming ${rooms.length} rooms`, () => this.#pings(ana, { rooms: this.#rooms }), PINGS);
    await this.#cost(`listRooms, of ${rooms.length} rooms`, () => this.#ask(ana, "listRooms"));
    await this.#cost(`disconnect from ${rooms.length} rooms of 10, and departures`, () => ana.close());
  }

  async #measureRoom(size: number): Promise<void> {
    const room = `room of ${size}`;
    await this.#crowd.fill(room, size - 1, MODEL);
    const client = await this.#connect(`member of ${size}`);
    await this.#ask(client, "hello");
    const isSmall = size === 10 || size === 100;
    const join = () => this.#ask(client, "joinRoom", { room });
    await (isSmall ? this.#cost(`joinRoom, ${room}`, join) : join());
    await this.#cost(`message, ${room}`, () => this.#ask(client, "sendMessage", { room, text: "hi" }));
    if (!isSmall) return;
    await this.#cost(`typing, ${room}`, async () => client.send({ action: "setTyping", room, typing: true }));
    await this.#cost(`read marker, ${room}`, async () => client.send({ action: "markRead", room, seq: 1 }));
    await this.#cost(`listMembers, ${room}`, () => this.#ask(client, "listMembers", { room }));
    await this.#cost(`leaveRoom, ${room}`, () => this.#ask(client, "leaveRoom", { room }));
  }

  async #measureSweep(): Promise<void> {
    const due: string[] = [];
    for (let i = 0; i < DUE; i++) {
      due.push((await this.#ask(await this.#connect(`due ${i}`), "hello")).connectionId);
    }
    // Measured without the due connections first: a run also reads the rows of the minutes since the previous run and
    // checks connections left over from the previous actions. Neither is part of the cost of a due connection.
    const action = "sweep, for each connection it looks at";
    const without = await this.#cost(action, () => this.#sweep());
    await this.#crowd.makeDue(due);
    const all = await this.#cost(action, () => this.#sweep());
    for (const what of ["invocations", "readUnits", "writeUnits", "posts"] as const) {
      all[what] = (all[what] - without[what]) / DUE;
    }
  }

  /**
   * Runs the sweep as if the previous run had been six minutes ago: it makes the checks that were due in the minutes
   * since then and in the current one.
   */
  async #sweep(): Promise<void> {
    await this.#crowd.setSweptUntil(Date.now() - 6 * 60_000);
    const invoked = await this.#at.cloud.functions.get("chat-prod-sweep")?.invoke("{}");
    if (invoked?.failed !== false) throw new Error(`the sweep failed: ${invoked?.payload}`);
  }

  /** @param times how many times `act` performs the action; the cost is that of one */
  async #cost(action: string, act: () => Promise<unknown>, times = 1): Promise<Cost> {
    await sleep(QUIET_MS);
    const { meter } = this.#at;
    const before = meter.usage;
    await act();
    await meter.idleSince(before);
    const after = meter.usage;
    const used = (what: keyof Usage) => (after[what] - before[what]) / times;
    const cost: Cost = {
      action,
      invocations: used("invocations"),
      readUnits: used("readUnits"),
      writeUnits: used("writeUnits"),
      posts: used("posts"),
    };
    this.costs.set(action, cost);
    return cost;
  }

  async #connect(user: string): Promise<TestClient> {
    const { issuer, webSocketUrl } = this.#at;
    const client = await TestClient.open(webSocketUrl, ["chat.v1", `bearer.${await requestToken(issuer, { user })}`]);
    this.#clients.push(client);
    return client;
  }

  async #pings(client: TestClient, fields: object): Promise<void> {
    for (let i = 0; i < PINGS; i++) await this.#ask(client, "ping", fields);
  }

  async #ask(client: TestClient, action: string, fields: object = {}): Promise<Frame> {
    const answer = await client.ask({ id: `scale ${++this.#count}`, action, ...fields });
    if (answer.type === "error") throw new Error(`${action} was answered with ${JSON.stringify(answer)}`);
    return answer;
  }
}
