/**
 * `npm run bench:start`: measures how long the local cloud takes to start, compared with loading only Pulumi's
 * packages.
 */
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import folders from "../cache/folders.cjs";
import { commandLine } from "../cli/commandLine.ts";

const HELP = `Measures the start of the local cloud, from its process to "ready": the first after npm ci, the second, and a
second start without the page. Also prints how long the last step of npm ci takes, which fills the caches; how long a
second start takes until its program has run again and confirmed what is served; and how long a start without caches
takes. The floor is a process that requires @pulumi/pulumi and @pulumi/aws and nothing else. The measurements take
turns, so that a busy machine slows down all of them.

  npm run bench:start -- [--runs N] [--json] [--help]

  --runs N   how often each is measured   (default: 7)

Exits with 1 when the first start takes more than 4 times the floor, or the second more than twice, or when the page
makes the second start slower by more than 200 ms.
`;

const MAX_FIRST_RATIO = 4;
const MAX_SECOND_RATIO = 2;
const MAX_PAGE_MS = 200;
/** Text of the step by which a second start reports that its program has run and registered the same as before. */
const CONFIRMED = "the same resources";
const FLOOR = 'require("@pulumi/pulumi"); require("@pulumi/aws");';

const { runs = "7", json } = commandLine(HELP, { runs: { type: "string" }, json: { type: "boolean" } });
if (!/^[1-9]\d*$/.test(runs)) {
  console.error(`--runs is "${runs}"; it must be a whole number of at least 1`);
  process.exit(1);
}

const times = {
  floor: [] as number[],
  withoutCaches: [] as number[],
  filling: [] as number[],
  first: [] as number[],
  second: [] as number[],
  confirmed: [] as number[],
  withoutPage: [] as number[],
};
for (let run = 0; run < Number(runs); run++) {
  times.floor.push(await timeToEnd(["-e", FLOOR]));
  await deleteCaches();
  times.withoutCaches.push((await start("ready")).readyMs);
  await deleteCaches();
  times.filling.push(await timeToEnd(["cli/launch.js", "local/fillCaches.ts"]));
  times.first.push((await start("ready")).readyMs);
  const { readyMs, endMs } = await start("step", CONFIRMED);
  times.second.push(readyMs);
  times.confirmed.push(endMs);
  // This start isn't measured. It stores a run of the program without the page, so that the next start can serve it.
  await start("ready", "", "--no-page");
  times.withoutPage.push((await start("ready", "", "--no-page")).readyMs);
}
const [floorMs, firstMs, secondMs] = [median(times.floor), median(times.first), median(times.second)];
const pageMs = secondMs - median(times.withoutPage);
const ratios = { first: round(firstMs / floorMs), second: round(secondMs / floorMs) };
const [fillingMs, withoutCachesMs] = [median(times.filling), median(times.withoutCaches)];
const confirmedMs = median(times.confirmed);
if (json) {
  console.log(JSON.stringify({ floorMs, fillingMs, firstMs, secondMs, confirmedMs, withoutCachesMs, pageMs, ratios }));
} else {
  console.log(`floor         ${floorMs} ms   (median of ${runs})`);
  console.log(`first start   ${firstMs} ms   ${ratios.first} × the floor, limit ${MAX_FIRST_RATIO}`);
  console.log(`second start  ${secondMs} ms   ${ratios.second} × the floor, limit ${MAX_SECOND_RATIO}`);
  console.log(`confirmed     ${confirmedMs} ms   when the program of the second start has run, too`);
  console.log(`the page      ${pageMs} ms of a second start, limit ${MAX_PAGE_MS}`);
  console.log(`npm ci        ${fillingMs} ms of it to fill the caches`);
  console.log(
    `no caches     ${withoutCachesMs} ms   ${round(withoutCachesMs / floorMs)} × the floor: a start that fills them itself`,
  );
}
const isTooSlow = ratios.first > MAX_FIRST_RATIO || ratios.second > MAX_SECOND_RATIO || pageMs > MAX_PAGE_MS;
if (isTooSlow) process.exitCode = 1;

async function deleteCaches(): Promise<void> {
  await rm(dirname(folders.COMPILED), { recursive: true, force: true });
}

async function timeToEnd(args: string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  await new Promise((resolve) => child.once("close", resolve));
  return performance.now() - started;
}

/**
 * Starts the local cloud and stops it at the first event of this kind after "ready", or at "ready" itself.
 *
 * @param what text that the event contains
 * @returns times from the start of the process
 * @throws Error if the local cloud exits before that
 */
async function start(until: "ready" | "step", what = "", ...options: string[]) {
  const started = performance.now();
  const child = spawn(process.execPath, ["cli/launch.js", "local/start.ts", "--json", "--port", "0", ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let readyMs = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const { event } = JSON.parse(line);
    if (event === "ready") readyMs = performance.now() - started;
    if (readyMs === 0 || event !== until || !line.includes(what)) continue;
    const endMs = performance.now() - started;
    child.kill("SIGINT");
    child.stdout.resume();
    await ended;
    return { readyMs, endMs };
  }
  throw new Error(`the local cloud exited before it printed "${until}"`);
}

function median(values: number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number);
}

function round(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}
