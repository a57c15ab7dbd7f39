/** Compares the usage with quotas, and says what to do about those that are exceeded. */
import { QUOTAS, SETTINGS } from "./assumptions.ts";
import type { Needs } from "./needs.ts";

/** A need for something that a quota or setting limits. */
export interface Load {
  what: string;
  needed: number;
  quota: number;
  /** Says what to do if more than the limit is needed; `target` leaves room for peaks of twice the average. */
  remedy: (target: number) => string;
  /** Whether the chat sets this limit, in its code or as the default of a setting, rather than AWS. */
  isOurs?: true;
}

/**
 * Number of connections that a run of the sweep can check: it ends after 240 s, and checks 100 at once in about 100 ms.
 */
const LOOKS_PER_RUN = 240_000;

/** Time between two sweeps, and between two checks of one connection, with the default of `chat:sweepMinutes`. */
const [SWEEP_MINUTES, LOOK_MINUTES] = [5, 9];

/** Timeout of the function that announces departures. */
const DEPARTURES_SECONDS = 60;

/** Assumed ratio of peaks to the average. */
const HEADROOM = 2;

export function loadsOf(needs: Needs): Load[] {
  const { usage, opened, connections } = needs;
  const ask = (what: string) => (target: number) => `ask AWS for ${number(target)} ${what}`;
  const tables = [...usage.tables].map(([name, units]) => ({ table: name.split("-").at(-1) ?? name, ...units }));
  return [
    {
      what: "frames/s, `chat:throttleRate`",
      needed: usage.frames,
      quota: SETTINGS.throttleRate,
      isOurs: true,
      remedy: setThrottle,
    },
    {
      what: "handshakes/s, `chat:handshakeRate`",
      needed: opened,
      quota: SETTINGS.handshakeRate,
      isOurs: true,
      remedy: (target) => `set \`chat:handshakeRate\` to ${number(target)}`,
    },
    {
      what: "new connections/s",
      needed: opened,
      quota: QUOTAS.newConnections,
      remedy: ask("new connections a second"),
    },
    {
      what: "requests/s (frames, handshakes and `@connections` calls together)",
      needed: usage.frames + usage.handshakes + usage.posts,
      quota: QUOTAS.requests,
      remedy: ask("requests a second (and a matching burst)"),
    },
    {
      what: "concurrent invocations",
      needed: needs.concurrency,
      quota: QUOTAS.concurrency,
      remedy: ask("concurrent executions"),
    },
    ...tables.flatMap(({ table, read, write }): Load[] => [
      {
        what: `write units/s, table of ${table}`,
        needed: write,
        quota: QUOTAS.tableWrites,
        remedy: ask(`write units a second of the table of ${table}`),
      },
      {
        what: `read units/s, table of ${table}`,
        needed: read,
        quota: QUOTAS.tableReads,
        remedy: ask(`read units a second of the table of ${table}`),
      },
    ]),
    ...needs.partitions.flatMap(({ name, read, write }): Load[] => {
      const remedy = () =>
        name === "the lobby" ? 'set `chat:lobby` to `""`' : `divide the people among several stacks (${name})`;
      return [
        { what: `write units/s, partition of ${name}`, needed: write, quota: QUOTAS.partitionWrites, remedy },
        { what: `read units/s, partition of ${name}`, needed: read, quota: QUOTAS.partitionReads, remedy },
      ];
    }),
    {
      what: "seconds to announce one time slot's departures",
      needed: needs.departuresSeconds,
      quota: DEPARTURES_SECONDS,
      isOurs: true,
      remedy: () => "expect departures to be announced late, by the sweep",
    },
    {
      what: "connections that a run of the sweep looks at",
      needed: (connections * SWEEP_MINUTES) / LOOK_MINUTES,
      quota: LOOKS_PER_RUN,
      isOurs: true,
      remedy: () =>
        "expect the sweep to run late: connections that ended without `$disconnect` stay in the tables for longer",
    },
  ];
}

/** Names the AWS quota that is reached first, and the changes that leave room for peaks. */
export function adviceFor(loads: Load[]): string {
  const used = ({ needed, quota }: Load) => needed / quota;
  const [first] = loads.filter(({ isOurs }) => !isOurs).sort((a, b) => used(b) - used(a));
  if (first === undefined) return "nothing is limited";
  const share = used(first);
  const breaks =
    share > 1
      ? `the first quota to be exceeded is ${first.what}: ${percent(share)} of it is needed`
      : `no AWS quota is reached; the closest is ${first.what}, at ${percent(share)}`;
  const remedies = new Set(
    loads
      .filter((load) => used(load) * HEADROOM > 1)
      .sort((a, b) => used(b) - used(a))
      .map(({ remedy, needed }) => remedy(roundUp(needed * HEADROOM))),
  );
  return `${breaks}. ${remedies.size === 0 ? "The defaults are enough." : `For peaks of twice that: ${[...remedies].join("; ")}.`}`;
}

/** Advice on `chat:throttleRate`, whose maximum is an account's initial quota. */
function setThrottle(target: number): string {
  if (target <= QUOTAS.requests) return `set \`chat:throttleRate\` to ${number(target)}`;
  return `set \`chat:throttleRate\` to its maximum of 10,000, and divide the people among several stacks, because ${number(target)} are needed`;
}

/** Rounds a number of at least 10 up to two significant digits, and a smaller one up to a whole number. */
function roundUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
  return Math.ceil(value / unit) * unit;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}

function percent(share: number): string {
  return `${number(Math.round(share * 100))}%`;
}
