/** Lists the stacks in the backend, and when they expire. */
import { execFile } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { promisify } from "node:util";
import { formatDuration, parseDuration } from "../stack/duration.ts";

/** Tag of a Pulumi stack that contains the time from its last update until it may be destroyed. */
export const TTL_TAG = "ttl";

/** Number of a stack's changes that are read at once. */
const HISTORY_PAGE = 50;

export interface StackLifetime {
  name: string;
  /** Start of the last `pulumi up`, or creation of the stack if there was none. */
  updatedAt: Date;
  /** The tag's text: `48h`. Undefined for a stack that never expires. */
  ttl?: string;
  /** Undefined for a stack that never expires, and if the ttl isn't a duration. */
  expiresAt?: Date;
}

/** Runs the Pulumi CLI. @returns its standard output @throws Error with the CLI's output */
export type RunPulumi = (...args: string[]) => Promise<string>;

export function pulumiRunner(pulumi: string): RunPulumi {
  // Pulumi looks for its language host on PATH; it is in the CLI's folder.
  const env = { ...process.env, PATH: `${dirname(pulumi)}${delimiter}${process.env.PATH ?? ""}` };
  return async (...args) => {
    const run = promisify(execFile)(pulumi, [...args, "--non-interactive"], {
      env,
      maxBuffer: Number.POSITIVE_INFINITY,
    });
    const { stdout } = await run.catch(({ stdout, stderr, message }) => {
      throw new Error(`pulumi ${args.join(" ")} failed:\n${[stdout, stderr].join("").trim() || message}`);
    });
    return stdout;
  };
}

/** @throws Error if the backend can't be read */
export async function stackLifetimes(pulumi: RunPulumi): Promise<StackLifetime[]> {
  const stacks = JSON.parse(await pulumi("stack", "ls", "--json")) as { name: string; lastUpdate?: string }[];
  const lifetimes: StackLifetime[] = [];
  for (const { name, lastUpdate } of stacks) {
    const ttl = JSON.parse(await pulumi("stack", "tag", "ls", "--json", "--stack", name))[TTL_TAG];
    // Counts from the last `pulumi up`, not from the last change of the state: a failed destroy must not extend a
    // stack's life.
    const updated = ttl === undefined ? undefined : await lastUp(pulumi, name);
    const updatedAt = new Date(updated ?? lastUpdate ?? 0);
    lifetimes.push({ name, updatedAt, ...(ttl === undefined ? {} : { ttl, ...expiry(updatedAt, ttl) }) });
  }
  return lifetimes;
}

/** Formats one line for each stack. */
export function formatLifetimes(lifetimes: StackLifetime[], now: Date): string {
  const rows = lifetimes.map(({ name, updatedAt, ttl, expiresAt }) => [
    name,
    `${formatDuration(now.getTime() - updatedAt.getTime())} ago`,
    ttl ?? "-",
    ttl === undefined ? "never" : expiresAt === undefined ? "ttl is not a duration" : formatExpiry(expiresAt, now),
  ]);
  const table = [["STACK", "UPDATED", "TTL", "EXPIRES"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")).join("\n");
}

export function isExpired({ expiresAt }: StackLifetime, now: Date): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** Returns when the last `pulumi up` started; undefined if there was none. */
async function lastUp(pulumi: RunPulumi, stack: string): Promise<string | undefined> {
  const asked = ["stack", "history", "--json", "--full-dates", "--stack", stack, "--page-size", String(HISTORY_PAGE)];
  // The newest come first. Many failed destroys may have followed the last update.
  for (let page = 1; ; page++) {
    const changes: { kind: string; startTime: string }[] = JSON.parse(await pulumi(...asked, "--page", String(page)));
    const up = changes.find(({ kind }) => kind === "update");
    if (up !== undefined || changes.length < HISTORY_PAGE) return up?.startTime;
  }
}

function expiry(updatedAt: Date, ttl: string): Pick<StackLifetime, "expiresAt"> {
  const ms = parseDuration(ttl);
  return ms === undefined ? {} : { expiresAt: new Date(updatedAt.getTime() + ms) };
}

function formatExpiry(expiresAt: Date, now: Date): string {
  const left = expiresAt.getTime() - now.getTime();
  return left > 0 ? `in ${formatDuration(left)}` : `expired ${formatDuration(-left)} ago`;
}
