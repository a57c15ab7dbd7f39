/** From what each action uses to what so many connections need, and the quotas that this meets. */
import type { Usage } from "../meter.ts";
import type { Cost } from "./actions.ts";

/** What people do, on average. */
export interface Habits {
  messagesPerMinute: number;
  typingPerMessage: number;
  readsPerMessage: number;
  /** Beside the lobby. */
  rooms: number;
  roomSize: number;
  heartbeatSeconds: number;
  sessionMinutes: number;
}

/** What is needed of something, of which there is a limit. */
export interface Load {
  what: string;
  needed: number;
  quota: number;
  /** What to do when more is needed; `target` is what leaves room for twice the average. */
  remedy: (target: number) => string;
  /** The limit is a setting's default or the chat's own, not AWS's. */
  isOurs?: true;
}

/** Lambda's time: assumed, since a laptop doesn't tell. */
const [MS_PER_INVOCATION, MS_PER_POST] = [60, 0.7];

/** From `sweepMinutes` 5: a connection is looked at every nine minutes. */
const [SWEEP_MINUTES, LOOK_MINUTES] = [5, 9];

/** A run of the sweep ends after 240 s; 100 connections at once, of 100 ms each, are assumed. */
const LOOKS_PER_RUN = 240_000;

/** Partitions of one minute's due rows. */
const DUE_SHARDS = 4;

/** Peaks are assumed to be twice the average. */
const HEADROOM = 2;

/** What so many connections need each second. @throws Error for a count that was not measured */
export function loadsOf(connections: number, costs: Map<string, Cost>, habits: Habits): Load[] {
  const { rooms, roomSize } = habits;
  const opened = connections / (habits.sessionMinutes * 60);
  const messages = (connections * habits.messagesPerMinute) / 60;
  const pings = connections / habits.heartbeatSeconds;
  const looks = connections / (LOOK_MINUTES * 60);
  const typing = messages * habits.typingPerMessage;
  const reads = messages * habits.readsPerMessage;
  const perSecond: [action: string, times: number][] = [
    ["connect", opened],
    [`hello into ${rooms} rooms of 10`, opened],
    [`disconnect from ${rooms} rooms of 10, and departures`, opened],
    [`message, room of ${roomSize}`, messages],
    [`typing, room of ${roomSize}`, typing],
    [`read marker, room of ${roomSize}`, reads],
    [`ping naming ${rooms} rooms`, pings],
    ["sweep, for each connection it looks at", looks],
  ];
  const sum = (of: (cost: Cost) => number) =>
    perSecond.reduce((total, [action, times]) => {
      const cost = costs.get(action);
      if (cost === undefined) throw new Error(`there is no count of "${action}"`);
      return total + times * of(cost);
    }, 0);
  const total = (what: keyof Usage) => sum((cost) => cost[what]);
  const frames = opened + messages + typing + reads + pings;
  const concurrent = (total("invocations") * MS_PER_INVOCATION + total("posts") * MS_PER_POST) / 1_000;
  const ask = (what: string) => (target: number) => `ask AWS for ${number(target)} ${what}`;
  const noLobby = () => 'set `chat:lobby` to `""`';
  return [
    { what: "frames/s, `chat:throttleRate`", needed: frames, quota: 500, isOurs: true, remedy: setThrottle },
    {
      what: "handshakes/s, `chat:handshakeRate`",
      needed: opened,
      quota: 50,
      isOurs: true,
      remedy: (target) => `set \`chat:handshakeRate\` to ${number(target)}`,
    },
    { what: "new connections/s", needed: opened, quota: 500, remedy: ask("new connections a second") },
    {
      what: "requests/s: frames, handshakes, `@connections`",
      needed: frames + opened + total("posts"),
      quota: 10_000,
      remedy: ask("requests a second (and their burst)"),
    },
    { what: "concurrent invocations", needed: concurrent, quota: 1_000, remedy: ask("concurrent executions") },
    {
      what: "write units/s, both tables",
      needed: total("writeUnits"),
      quota: 40_000,
      remedy: ask("write units a table"),
    },
    { what: "read units/s, both tables", needed: total("readUnits"), quota: 40_000, remedy: ask("read units a table") },
    {
      what: "write units/s, the lobby's partition",
      needed: sum(({ lobby }) => lobby.writeUnits),
      quota: 1_000,
      remedy: noLobby,
    },
    {
      what: "read units/s, the lobby's partition",
      needed: sum(({ lobby }) => lobby.readUnits),
      quota: 3_000,
      remedy: noLobby,
    },
    {
      what: "write units/s, a partition of due connections",
      needed: (looks + opened) / DUE_SHARDS,
      quota: 1_000,
      remedy: () => "raise `chat:sweepMinutes`",
    },
    {
      what: "connections that a run of the sweep looks at",
      needed: (connections * SWEEP_MINUTES) / LOOK_MINUTES,
      quota: LOOKS_PER_RUN,
      isOurs: true,
      remedy: () => "expect the sweep to run late: connections that ended unheard stay for longer",
    },
  ];
}

/** Which of AWS's quotas comes first, and what leaves room for peaks. */
export function adviceFor(loads: Load[]): string {
  const used = ({ needed, quota }: Load) => needed / quota;
  const [first] = loads.filter(({ isOurs }) => !isOurs).sort((a, b) => used(b) - used(a));
  if (first === undefined) return "nothing is limited";
  const share = used(first);
  const breaks =
    share > 1
      ? `${first.what} break first, at ${percent(share)}`
      : `no quota of AWS breaks; ${first.what} come closest, at ${percent(share)}`;
  const remedies = new Set(
    loads
      .filter((load) => used(load) * HEADROOM > 1)
      .sort((a, b) => used(b) - used(a))
      .map(({ remedy, needed }) => remedy(roundUp(needed * HEADROOM))),
  );
  return `${breaks}. ${remedies.size === 0 ? "The defaults do." : `For peaks of twice that: ${[...remedies].join("; ")}.`}`;
}

/** The setting's maximum is what an account has at first. */
function setThrottle(target: number): string {
  if (target <= 10_000) return `set \`chat:throttleRate\` to ${number(target)}`;
  return `set \`chat:throttleRate\` to 10,000, the most it takes, where ${number(target)} are needed: share the people among several stacks`;
}

/** To two digits. */
function roundUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
  return Math.ceil(value / unit) * unit;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}

function percent(share: number): string {
  return `${number(Math.round(share * 100))} %`;
}
