/** Compares the CPU time of several implementations of the same call, each bundled like a deployed function. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Functions by name of the implementation; each makes all calls once. */
export type Ways = Record<string, () => Promise<void>>;

export interface Comparison {
  /** Path of a module that exports `startWays(url, calls)`, which returns {@link Ways}; relative to this folder. */
  module: string;
  /** Calls per round. */
  calls: number;
  rounds: number;
  /** Word for one call in the output, such as `put`. */
  call: string;
  /** Name of the implementation that the others are compared with. */
  bare: string;
}

/** Runs all implementations in turns, and prints the cheapest round of each. */
export async function compareWays({ module, calls, rounds, call, bare }: Comparison): Promise<void> {
  const server = fork(fileURLToPath(new URL("acceptingEndpoint.ts", import.meta.url)));
  const [port] = (await once(server, "message")) as [number];
  Object.assign(process.env, {
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  });
  const ways = (await load(module)).startWays(`http://127.0.0.1:${port}`, calls);
  console.log(`${rounds} rounds of ${calls} ${call}s, to an endpoint in another process`);
  // This round isn't measured, because compilation and connecting happen once and aren't part of a call's cost.
  for (const send of Object.values(ways)) await send();
  const names = Object.keys(ways);
  const results = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // The order rotates, because an implementation also pays for collecting the garbage of those before it.
    const order = names.map((_, i) => names[(i + round) % names.length] as string);
    for (const name of order) results.get(name)?.push(await measure(ways[name] as () => Promise<void>, calls));
    const shown = names.map((name) => `${name} ${results.get(name)?.at(-1)?.toFixed(0)} µs`);
    console.log(`round ${round + 1}: ${shown.join(", ")}`);
  }
  const best = (name: string) => Math.min(...(results.get(name) as number[]));
  for (const name of names) {
    const ratio = best(name) / best(bare);
    console.log(`${name}: ${best(name).toFixed(0)} µs of CPU a ${call}, ${ratio.toFixed(2)} × a ${bare}`);
  }
  server.disconnect();
}

async function load(path: string): Promise<{ startWays: (url: string, calls: number) => Ways }> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(path, import.meta.url))],
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    mainFields: ["module", "main"],
  });
  const module = { exports: {} as { startWays: (url: string, calls: number) => Ways } };
  const run = new Function("module", "exports", "require", outputFiles[0]?.text ?? "");
  run(module, module.exports, createRequire(import.meta.url));
  return module.exports;
}

/** @returns CPU time that this process used per call, in microseconds */
async function measure(send: () => Promise<void>, calls: number): Promise<number> {
  const before = process.cpuUsage();
  await send();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}
