/**
 * Simulates people's connections in full, from handshake to departure, and the sweep that checks them in the meantime.
 */
import { Client } from "./client.ts";
import { SimulatedCloud } from "./cloud.ts";
import { addCrowd, memberRow } from "./crowd.ts";
import type { Laboratory } from "./room.ts";
import { addUsage, type Usage } from "./usage.ts";

/** Number of sessions to simulate. */
const SESSIONS = 24;

/**
 * Minimum time between the starts of two sessions, even if `perSecond` is higher than this allows. More sessions at
 * once would only start more environments.
 */
const LEAST_APART_MS = 100;

/**
 * Rooms larger than this have no presence, so the sessions share them. In a smaller room, each session is alone with
 * its own crowd.
 */
const SHARED_SIZE = 500;

/** Number of members of the lobby, if there is one: too many for presence, as in every chat that has to scale. */
const LOBBY_MEMBERS = 300;

const MODEL = "model";

/** Time between two sweeps: the default of `chat:sweepMinutes`. */
const SWEEP_MS = 300_000;

/** Time after the last departure until the sweep has checked everything left behind. */
const SWEPT_MS = 900_000;

export interface SessionKind {
  /** Connections opened per second. */
  perSecond: number;
  minutes: number;
  heartbeatSeconds: number;
  /** Whether the sweep runs on its schedule. @default true */
  isSwept?: boolean;
  /** Rooms that each person is in: their size, and how many on average. */
  rooms: { size: number; perPerson: number }[];
}

export interface SessionsRun {
  kind: SessionKind;
  sessions: number;
  /** Usage of all sessions, excluding the fixed cost of each sweep run. */
  usage: Usage;
  /** Usage of a sweep run that finds nothing to do. */
  sweep: Usage;
}

/** @throws Error if a function fails */
export async function simulateSessions(kind: SessionKind, laboratory: Laboratory): Promise<SessionsRun> {
  const cloud = await SimulatedCloud.start(laboratory);
  try {
    const { clock, dice } = cloud;
    const host = await cloud.until(Client.connect(cloud));
    await cloud.until(host.ask("hello", { rooms: [{ room: MODEL }] }));
    const model = await memberRow(cloud, MODEL);
    const lobby = cloud.variable("hello", "LOBBY");
    if (lobby !== "") await addCrowd(cloud, lobby, LOBBY_MEMBERS, model);
    const roomsOf: string[][] = [];
    const shared = new Set<string>();
    for (let i = 0; i < SESSIONS; i++) roomsOf.push(await prepareRooms(i));
    await cloud.until(host.close());
    await sweep();
    await cloud.pass(15 * 60_000);
    await sweep();
    await cloud.pass(SWEEP_MS);
    cloud.take();
    await sweep();
    await cloud.pass(SWEEP_MS);
    const sweepUsage = cloud.take();

    const failures: unknown[] = [];
    let running = SESSIONS;
    for (const [i, rooms] of roomsOf.entries()) {
      clock.after(i * Math.max(LEAST_APART_MS, 1_000 / kind.perSecond), () => {
        const over = () => {
          running -= 1;
        };
        live(rooms).then(over, (error) => {
          failures.push(error);
          over();
        });
      });
    }
    let sweeps = 0;
    for (let idleMs = 0; running > 0 || idleMs < SWEPT_MS; ) {
      await cloud.pass(SWEEP_MS);
      if (running === 0) idleMs += SWEEP_MS;
      if (kind.isSwept === false) continue;
      await sweep();
      sweeps += 1;
    }
    if (failures.length > 0) throw failures[0];
    return { kind, sessions: SESSIONS, usage: withoutSweeps(cloud.take(), sweepUsage, sweeps), sweep: sweepUsage };

    /** @returns names of the session's rooms */
    async function prepareRooms(session: number): Promise<string[]> {
      const names: string[] = [];
      for (const { size, perPerson } of kind.rooms) {
        const count = Math.floor(perPerson) + (dice.next() < perPerson % 1 ? 1 : 0);
        for (let n = 0; n < count; n++) {
          const isShared = size > SHARED_SIZE;
          const name = `${size} ${isShared ? "" : `${session} `}${n}`;
          names.push(name);
          if (shared.has(name)) continue;
          shared.add(name);
          // The other members of a larger room make no difference: only a message makes functions read them all, and
          // these sessions send none.
          await addCrowd(cloud, name, Math.min(size, 2 * SHARED_SIZE) - 1, model);
        }
      }
      return names;
    }

    async function live(rooms: string[]): Promise<void> {
      const client = await Client.connect(cloud);
      await client.ask("hello", { rooms: rooms.map((room) => ({ room })) });
      const endsAt = clock.elapsed() + kind.minutes * 60_000;
      for (;;) {
        const pause = Math.min(kind.heartbeatSeconds * 1_000, endsAt - clock.elapsed());
        await new Promise<void>((resolve) => void clock.after(pause, resolve));
        if (clock.elapsed() >= endsAt) break;
        await client.ask("ping", { rooms });
      }
      await client.close();
    }

    async function sweep(): Promise<void> {
      const swept = await cloud.until(cloud.lambda.invoke("sweep", {}));
      if ("error" in swept) throw new Error(swept.error);
    }
  } finally {
    await cloud.end();
  }
}

/** Usage of the sessions, including what sweep runs did for them, but without the fixed cost of each run. */
function withoutSweeps(usage: Usage, sweep: Usage, times: number): Usage {
  addUsage(usage, sweep, -times);
  return usage;
}
