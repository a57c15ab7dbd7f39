/** Options of a simulation, as given on the command line. */
import { LATENCIES, type Latencies, SETTINGS } from "./assumptions.ts";
import type { Habits } from "./room.ts";

export const HELP = `Runs the shipped functions in virtual time, against stated AWS latencies and quotas: one room of each size and rate,
and some sessions from handshake to departure. From their usage it calculates what all connections need and cost,
and what is throttled first. bench/simulate/assumptions.ts has all latencies, quotas and prices, with their sources.

  npm run simulate -- [options]

  --connections LIST  numbers of connections that are open at once                 (default: 1000000)
  --rooms LIST        rooms: SIZE, SIZExCOUNT, SIZE@RATE or SIZExCOUNT@RATE, such as 10x300000,1000@100: COUNT
                      rooms of SIZE members, with RATE messages a second in each. With SIZE alone, each person is
                      in one such room; SIZE@RATE is a single room.  (default: everyone is in three rooms of 10)
  --rate N            messages a minute of each person, across all rooms without a RATE   (default: 0.2)
  --typing N          typing frames with each message                          (default: 1)
  --reads N           read markers for each message, from all its readers       (default: 2)
  --heartbeat S       seconds between two pings of a client                     (default: 120)
  --session MIN       minutes that a connection lasts                           (default: 30)
  --lobby             everyone is also in a lobby, in which nobody writes
  --post-ms N         a post's latency, in milliseconds                         (default: ${LATENCIES.postMs})
  --post-cpu-ms N     CPU time of a post, in milliseconds                       (default: ${LATENCIES.postCpuMs})
  --table-ms N        a DynamoDB call, in milliseconds                          (default: ${LATENCIES.tableMs})
  --leases            print instead what the fan-out's leases cost and save, by size and rate of a room
  --json              print JSON
  --help              print this
`;

export const OPTIONS = {
  connections: { type: "string", default: "1000000" },
  rooms: { type: "string" },
  rate: { type: "string", default: "0.2" },
  typing: { type: "string", default: "1" },
  reads: { type: "string", default: "2" },
  heartbeat: { type: "string", default: "120" },
  session: { type: "string", default: "30" },
  lobby: { type: "boolean", default: false },
  "post-ms": { type: "string", default: String(LATENCIES.postMs) },
  "post-cpu-ms": { type: "string", default: String(LATENCIES.postCpuMs) },
  "table-ms": { type: "string", default: String(LATENCIES.tableMs) },
  leases: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

/** Options as text; switches are booleans. */
export type Given = { [Name in keyof typeof OPTIONS]?: string | boolean | undefined };

/** Rooms of one kind, for a given number of connections. */
export interface Rooms {
  size: number;
  /** Number of these rooms; a fraction if the connections don't fill the last one. */
  count: number;
  /** Messages per second in each room. */
  rate: number;
}

export interface Scenario {
  connections: number;
  rooms: Rooms[];
}

export interface Wanted {
  scenarios: Scenario[];
  habits: Habits;
  heartbeatSeconds: number;
  sessionMinutes: number;
  lobby: string;
  latencies: Latencies;
  isJson: boolean;
  isAboutLeases: boolean;
}

/** Maximum number of rooms per connection: the stack's limit. */
const MOST_ROOMS = 100;

/** Maximum size of a room: larger ones take too long to simulate. */
const MOST_MEMBERS = 20_000;

/** Minimum rate, one message in eleven hours. A quieter room is simulated at this rate. */
const LEAST_RATE = 1 / 40_000;

/** @throws Error that names the invalid option and the allowed values */
export function wantedBy(given: Given): Wanted {
  const number = (name: keyof Given, least: number, most: number): number => {
    const text = String(given[name] ?? (OPTIONS[name] as { default: string }).default);
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value >= least && value <= most) return value;
    throw new Error(`--${name} is "${text}"; it must be a number from ${least} to ${most}`);
  };
  const rate = number("rate", 0, 60 * SETTINGS.userRate);
  const counts = String(given.connections ?? OPTIONS.connections.default).split(",");
  const scenarios = counts.map((text) => {
    const connections = Number(text);
    if (text.trim() === "" || !Number.isInteger(connections) || connections < 2 || connections > 100_000_000) {
      throw new Error(`--connections has "${text}"; it must be whole numbers from 2 to 100000000, separated by commas`);
    }
    return { connections, rooms: roomsOf(given.rooms as string | undefined, connections, rate) };
  });
  return {
    scenarios,
    habits: { typing: number("typing", 0, 100), reads: number("reads", 0, 100) },
    heartbeatSeconds: number("heartbeat", 1, 600),
    sessionMinutes: number("session", 1, 120),
    lobby: given.lobby === true ? "lobby" : "",
    latencies: {
      ...LATENCIES,
      postMs: number("post-ms", 0.1, 1_000),
      postCpuMs: number("post-cpu-ms", 0.01, 100),
      tableMs: number("table-ms", 0.1, 1_000),
    },
    isJson: given.json === true,
    isAboutLeases: given.leases === true,
  };
}

function roomsOf(text: string | undefined, connections: number, personRate: number): Rooms[] {
  const wanted =
    text === undefined
      ? [{ size: Math.min(10, connections), count: (3 * connections) / 10, rate: undefined }]
      : text.split(",").map((kind) => roomsIn(kind, connections));
  const shared = wanted.filter(({ rate }) => rate === undefined);
  const places = shared.reduce((sum, { size, count }) => sum + size * count, 0);
  const perPerson = wanted.reduce((sum, { size, count }) => sum + size * count, 0) / connections;
  if (perPerson > MOST_ROOMS) {
    throw new Error(
      `--rooms puts each connection into ${Math.ceil(perPerson)} rooms; a connection can be in at most ${MOST_ROOMS}`,
    );
  }
  return wanted.map(({ size, count, rate = ((personRate / 60) * connections * size) / places }) => {
    const { roomRate, userRate } = SETTINGS;
    const most = Math.min(roomRate, size * userRate);
    if (rate > most) {
      throw new Error(
        `a room of ${size} would get ${rate} messages a second; at most ${most} are accepted: ` +
          `${userRate} from each person, ${roomRate} in total`,
      );
    }
    return { size, count, rate: rate === 0 ? 0 : Math.max(LEAST_RATE, rate) };
  });
}

function roomsIn(kind: string, connections: number): { size: number; count: number; rate: number | undefined } {
  const [, sizeText, countText, rateText] = /^\s*(\d+)(?:x(\d+))?(?:@(\d+(?:\.\d+)?))?\s*$/.exec(kind) ?? [];
  if (sizeText === undefined) {
    throw new Error(`--rooms has "${kind}"; a kind of rooms is SIZE, SIZExCOUNT, SIZE@RATE or SIZExCOUNT@RATE`);
  }
  const size = Number(sizeText);
  if (size < 2 || size > MOST_MEMBERS) {
    throw new Error(`--rooms has a room of ${size}; a room must have 2 to ${MOST_MEMBERS} members`);
  }
  if (size > connections)
    throw new Error(`--rooms has a room of ${size}, and there are only ${connections} connections`);
  const rate = rateText === undefined ? undefined : Number(rateText);
  const one = rate === undefined ? connections / size : 1;
  return { size, count: countText === undefined ? one : Number(countText), rate };
}
