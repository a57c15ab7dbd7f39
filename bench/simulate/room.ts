/** Simulates one room of a size and rate in full: its members' messages, typing frames and read markers. */
import type { EnvironmentPool } from "../../tests/checker/functions.ts";
import type { TableDefinition } from "../../tests/checker/store.ts";
import { type Latencies, SETTINGS } from "./assumptions.ts";
import { Client } from "./client.ts";
import { SimulatedCloud } from "./cloud.ts";
import { addCrowd, memberRow } from "./crowd.ts";
import type { Usage } from "./usage.ts";

const ROOM = "simulated";

const TEXT = "what a nice room this is, isn't it?";

/** Minimum number of members who write, if the room has that many. */
const WRITERS = 10;

/**
 * Number of messages to simulate: 24; in large rooms, as few as make this many pushes, but at least 8; in busy rooms,
 * as many as arrive in the minimum time.
 */
const [LEAST_MESSAGES, MOST_MESSAGES] = [8, 24];
const PUSHES = 20_000;
const LEAST_MS = 5_000;

/** Messages are written for at most this long: 100 minutes, because a connection lasts for no more than two hours. */
const MOST_MS = 6_000_000;

/**
 * Messages in this first part aren't counted: a room's first busy second costs more, because no row contains its size
 * yet.
 */
const WARM_MS = 3_000;

/** Time after the last message until everything has been posted. */
const DRAIN_MS = 120_000;

/** Typing begins this long before a message is sent. */
const TYPING_MS = 1_000;

/** Readers report a message as read this long after its ack. */
const READ_MS = 3_000;

export interface RoomKind {
  /** Number of members. */
  size: number;
  /** Messages per second. */
  rate: number;
}

export interface Habits {
  /** Typing frames per message. */
  typing: number;
  /** Read markers per message, from all of its readers together. */
  reads: number;
}

export interface Laboratory {
  pool: EnvironmentPool;
  tables: TableDefinition[];
  latencies: Latencies;
  seed: number;
}

export interface RoomRun {
  kind: RoomKind;
  /** Number of messages sent. */
  sent: number;
  /** Number of messages that were acknowledged. */
  acked: number;
  usage: Usage;
  /** Times from each message to its ack, and to the push to the last member; in milliseconds, sorted. */
  ackMs: number[];
  seenMs: number[];
  /** Maximum number of concurrent invocations. */
  concurrency: number;
}

/** @throws Error if a function fails */
export async function simulateRoom(
  { size, rate }: RoomKind,
  { typing, reads }: Habits,
  laboratory: Laboratory,
): Promise<RoomRun> {
  const cloud = await SimulatedCloud.start(laboratory);
  try {
    const { clock, dice } = cloud;
    // Each member writes at less than half of one person's maximum rate.
    const writers = Math.min(size, Math.max(WRITERS, Math.ceil((2 * rate) / SETTINGS.userRate)));
    const people = await cloud.until(gather(cloud, writers));
    await addCrowd(cloud, ROOM, size - writers, await memberRow(cloud, ROOM));
    await cloud.pass(60_000);
    cloud.take();

    const run: Omit<RoomRun, "usage"> = {
      kind: { size, rate },
      sent: 0,
      acked: 0,
      ackMs: [],
      seenMs: [],
      concurrency: 0,
    };
    const seen = watchPushes(cloud, size, run.seenMs);
    const least = Math.min(MOST_MESSAGES, Math.max(LEAST_MESSAGES, Math.round(PUSHES / size)));
    const lengthMs = Math.min(MOST_MS, Math.max(LEAST_MS, (least / rate) * 1_000));
    const count = Math.max(least, Math.round((rate * lengthMs) / 1_000));
    const failures: unknown[] = [];
    const begin = (ms: number, act: () => Promise<unknown>) =>
      clock.after(ms, () => {
        act().catch((error) => failures.push(error));
        run.concurrency = Math.max(run.concurrency, cloud.lambda.runningCount);
      });
    const send = async (writer: Client) => {
      run.sent += 1;
      const sentAt = clock.elapsed();
      let isAcked = false;
      await writer.ask("sendMessage", { room: ROOM, text: TEXT }, ({ type, seq = 0 }) => {
        if (type !== "ack" || isAcked) return;
        isAcked = true;
        run.acked += 1;
        run.ackMs.push(clock.elapsed() - sentAt);
        seen.sent(seq, sentAt);
        for (let n = 0; n < times(reads, dice.next()); n++)
          begin(READ_MS, () => dice.pick(people).tell("markRead", { room: ROOM, seq }));
      });
    };
    const write = (at: number) => {
      const writer = dice.pick(people);
      for (let n = 0; n < times(typing, dice.next()); n++)
        begin(at - TYPING_MS, () => writer.tell("setTyping", { room: ROOM, typing: true }));
      begin(at, () => send(writer));
    };
    for (let i = 0; i < (rate * WARM_MS) / 1_000 - 1; i++) write(TYPING_MS + dice.next() * WARM_MS);
    await cloud.pass(TYPING_MS + WARM_MS);
    cloud.take();
    Object.assign(run, { sent: 0, acked: 0, concurrency: 0 });
    run.ackMs.length = 0;
    run.seenMs.length = 0;
    for (let i = 0; i < count; i++) write(TYPING_MS + dice.next() * lengthMs);
    await cloud.pass(TYPING_MS + lengthMs + DRAIN_MS);
    if (failures.length > 0) throw failures[0];
    for (const list of [run.ackMs, run.seenMs]) list.sort((a, b) => a - b);
    return { ...run, usage: cloud.take() };
  } finally {
    await cloud.end();
  }
}

async function gather(cloud: SimulatedCloud, count: number): Promise<Client[]> {
  const people: Client[] = [];
  for (let i = 0; i < count; i++) {
    const client = await Client.connect(cloud);
    await client.ask("hello", { rooms: [{ room: ROOM }] });
    people.push(client);
  }
  return people;
}

/** Measures how long each message takes to reach all members. */
function watchPushes(cloud: SimulatedCloud, size: number, seenMs: number[]) {
  /** Pushes of each message, by its position. */
  const pushes = new Map<number, { count: number; lastAt: number }>();
  const sentAt = new Map<number, number>();
  let [known, seqs]: [string, number[]] = ["", []];
  const settle = (seq: number) => {
    const { count = 0, lastAt = 0 } = pushes.get(seq) ?? {};
    const since = sentAt.get(seq);
    if (count < size || since === undefined) return;
    seenMs.push(lastAt - since);
    pushes.delete(seq);
    sentAt.delete(seq);
  };
  cloud.onPost = (_, text) => {
    if (text !== known) {
      const frame = JSON.parse(text) as { type: string; entries?: { seq: number }[] };
      known = text;
      seqs = frame.type === "event" ? (frame.entries ?? []).map(({ seq }) => seq) : [];
    }
    for (const seq of seqs) {
      const count = (pushes.get(seq)?.count ?? 0) + 1;
      pushes.set(seq, { count, lastAt: cloud.clock.elapsed() });
      settle(seq);
    }
  };
  return {
    sent(seq: number, at: number): void {
      sentAt.set(seq, at);
      settle(seq);
    },
  };
}

/** Rounds a number up or down at random, so that the average of the results is the number. */
function times(mean: number, dice: number): number {
  return Math.floor(mean) + (dice < mean % 1 ? 1 : 0);
}
