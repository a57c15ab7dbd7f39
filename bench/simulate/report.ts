/** Formats the results of a simulation. */
import type { Needs } from "./needs.ts";
import { adviceFor, loadsOf } from "./quotas.ts";
import type { RoomRun } from "./room.ts";
import { totalOf, unitsOf } from "./usage.ts";

/** Usage of one room, per message. */
export function roomsTable(runs: RoomRun[]): string {
  return table(
    [
      "Members",
      "Messages/s",
      "`@connections` calls",
      "Write units",
      "Read units",
      "Invocations",
      "Ack, ms, p50 / p99",
      "Seen by all, ms, p50 / p99",
      "Seen by all",
      "Calls throttled",
    ],
    runs.map(({ kind, sent, usage, ackMs, seenMs }) => {
      const { read, write } = unitsOf(usage);
      const each = (count: number) => shown(count / sent);
      return [
        shown(kind.size),
        shown(kind.rate),
        each(usage.posts),
        each(write),
        each(read),
        each(totalOf(usage, "invocations")),
        `${quantile(ackMs, 0.5)} / ${quantile(ackMs, 0.99)}`,
        `${quantile(seenMs, 0.5)} / ${quantile(seenMs, 0.99)}`,
        `${Math.min(100, Math.round((100 * seenMs.length) / sent))}%`,
        shown(usage.throttledRequests + usage.throttledCalls),
      ];
    }),
  );
}

/** Usage of all rooms and sessions, with a column for each number of connections. */
export function needsTable(all: Needs[]): string {
  const row = (what: string, of: (needs: Needs) => number) => [what, ...all.map((needs) => shown(of(needs)))];
  const dollars = (what: string, of: (needs: Needs) => number) => [what, ...all.map((needs) => `$${shown(of(needs))}`)];
  const total = ({ cost }: Needs) => Object.values(cost).reduce((sum, part) => sum + part, 0);
  return table(
    ["Each second", ...all.map(({ connections }) => shown(connections))],
    [
      row("messages", ({ messages }) => messages),
      row("frames from clients", ({ usage }) => usage.frames),
      row("calls of `@connections`", ({ usage }) => usage.posts),
      row("invocations", ({ usage }) => totalOf(usage, "invocations")),
      row("concurrent invocations", ({ concurrency }) => concurrency),
      row("write units", ({ units }) => units.write),
      row("read units", ({ units }) => units.read),
      dollars("**an hour**", total),
      dollars("messages in and out", ({ cost }) => cost.messages),
      dollars("connection minutes", ({ cost }) => cost.connections),
      dollars("Lambda", ({ cost }) => cost.lambda),
      dollars("write units", ({ cost }) => cost.writes),
      dollars("read units", ({ cost }) => cost.reads),
      dollars("logs", ({ cost }) => cost.logs),
    ],
  );
}

/** Each load next to its quota. Loads that exceed it are bold. */
export function quotasTable(all: Needs[]): string {
  const loads = all.map(loadsOf);
  const names = [...new Set(loads.flat().map(({ what }) => what))];
  return table(
    ["What is limited", "Quota", ...all.map(({ connections }) => shown(connections))],
    names.map((name) => {
      const found = loads.map((some) => some.find(({ what }) => what === name));
      const cells = found.map((load) => {
        if (load === undefined) return "—";
        return load.needed > load.quota ? `**${shown(load.needed)}**` : shown(load.needed);
      });
      return [name, shown(found.find((load) => load !== undefined)?.quota ?? Number.NaN), ...cells];
    }),
  );
}

/** Says which quota throttles first at each number of connections, and which rooms are throttled on their own. */
export function advice(all: Needs[], rooms: RoomRun[]): string {
  const sums = all.map((needs) => `- ${shown(needs.connections)} connections: ${adviceFor(loadsOf(needs))}`);
  const hot = rooms.flatMap(({ kind: { size, rate }, usage: { posts, throttledRequests, throttledCalls } }) => {
    const throttled = throttledRequests + throttledCalls;
    if (throttled === 0) return [];
    const what = `a room of ${shown(size)} with ${shown(rate)} messages/s`;
    return [
      `- Each ${what.slice(2)} is throttled by itself, at its peaks: ${shown(throttled)} calls of ${shown(posts)} posts.`,
    ];
  });
  return [...sums, ...hot].join("\n");
}

export function quantile(sorted: number[], part: number): string {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
  return value === undefined ? "—" : Math.round(value).toLocaleString("en-US");
}

/** Formats a number: two significant digits below 0.1, at most two decimals below 10, and none above. */
export function shown(count: number): string {
  const digits = count < 0.1 ? Number(count.toPrecision(2)) : Math.round(count * 100) / 100;
  return (count < 10 ? digits : Math.round(count)).toLocaleString("en-US", { maximumFractionDigits: 6 });
}

/** Formats a Markdown table. */
export function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((cells) => (cells[column] ?? "").length)));
  const line = (cells: string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] as number)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
