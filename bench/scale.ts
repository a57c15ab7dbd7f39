/** `npm run scale`: what each action uses of AWS, counted, and which quota breaks first at how many connections. */
import { commandLine } from "../cli/commandLine.ts";
import { type Cost, measureActions } from "./scale/actions.ts";
import { adviceFor, type Habits, loadsOf } from "./scale/forecast.ts";

const HELP = `Counts what each action uses of DynamoDB, Lambda and @connections, on a local cloud with a lobby and on one without.
From these counts it says for 1,000 to 1,000,000 connections what reaches AWS's quotas first, and what to set.

  npm run scale -- [options]

  --messages N    messages that a person sends in a minute                  (default: 0.2)
  --typing N      typing frames with each message                          (default: 1)
  --reads N       read markers with each message, of all its readers        (default: 2)
  --rooms N       rooms that a person is in, beside the lobby: 1 to 25      (default: 3)
  --room-size N   members of such a room: 10 or 100                         (default: 10)
  --heartbeat S   seconds between two pings of a client                     (default: 120)
  --session MIN   minutes that a connection lasts                           (default: 30)
  --counts        print the counts, and no forecast
  --help          print this
`;

const LOBBY = "lobby";
const CONNECTIONS = [1_000, 10_000, 100_000, 1_000_000];

const options = commandLine(HELP, {
  messages: { type: "string", default: "0.2" },
  typing: { type: "string", default: "1" },
  reads: { type: "string", default: "2" },
  rooms: { type: "string", default: "3" },
  "room-size": { type: "string", default: "10" },
  heartbeat: { type: "string", default: "120" },
  session: { type: "string", default: "30" },
  counts: { type: "boolean", default: false },
});
const habits: Habits = {
  messagesPerMinute: number("messages", 0, 60),
  typingPerMessage: number("typing", 0, 100),
  readsPerMessage: number("reads", 0, 100),
  rooms: number("rooms", 1, 25),
  roomSize: number("room-size", 10, 100),
  heartbeatSeconds: number("heartbeat", 1, 600),
  sessionMinutes: number("session", 1, 120),
};
if (habits.roomSize !== 10 && habits.roomSize !== 100) fail("--room-size is 10 or 100: those are measured");

console.log("Counting on a local cloud with a lobby, and on one without …\n");
const withLobby = await measureActions(LOBBY, habits.rooms);
const without = await measureActions("", habits.rooms);
console.log(
  table(
    ["Action", "Invocations", "Write units", "Read units", "`@connections` calls", "Without a lobby"],
    [...withLobby.values()].map((cost) => [cost.action, ...cells(cost), difference(cost, without.get(cost.action))]),
  ),
);
if (!options.counts) {
  for (const [what, costs] of [
    ["With a lobby", withLobby],
    ["Without a lobby", without],
  ] as const) {
    const loads = CONNECTIONS.map((connections) => loadsOf(connections, costs, habits));
    console.log(`\n${what}:\n`);
    console.log(
      table(
        ["Connections", "Quota", ...CONNECTIONS.map((connections) => connections.toLocaleString("en-US"))],
        (loads[0] ?? []).map(({ what, quota }, i) => [
          what,
          quota.toLocaleString("en-US"),
          ...loads.map((all) => shown(all[i])),
        ]),
      ),
    );
    console.log("");
    for (const [i, connections] of CONNECTIONS.entries()) {
      console.log(`- ${connections.toLocaleString("en-US")} connections: ${adviceFor(loads[i] ?? [])}`);
    }
  }
}

/** Marks what is beyond its quota. */
function shown(load: { needed: number; quota: number } | undefined): string {
  const { needed, quota } = load ?? { needed: Number.NaN, quota: 0 };
  const text = rounded(needed).toLocaleString("en-US");
  return needed > quota ? `**${text}**` : text;
}

function cells({ invocations, writeUnits, readUnits, posts }: Cost): string[] {
  return [invocations, writeUnits, readUnits, posts].map((count) => rounded(count).toLocaleString("en-US"));
}

function difference(cost: Cost, other: Cost | undefined): string {
  if (other === undefined) return "—";
  const [mine, theirs] = [cells(cost), cells(other)];
  return mine.join() === theirs.join() ? "the same" : theirs.join(" / ");
}

/** To two digits. */
function rounded(count: number): number {
  return count < 10 ? Math.round(count * 100) / 100 : Math.round(count);
}

/** A table of Markdown. */
function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((cells) => (cells[column] ?? "").length)));
  const line = (cells: string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] as number)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function number(option: Exclude<keyof typeof options, "counts" | "help">, least: number, most: number): number {
  const value = Number(options[option]);
  if (value >= least && value <= most) return value;
  fail(`--${option} is "${options[option]}"; allowed is a number from ${least} to ${most}`);
}

function fail(message: string): never {
  console.error(`${message}; --help shows the options`);
  process.exit(1);
}
