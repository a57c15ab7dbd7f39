/** `npm run bench:fanout`: compares what one post costs its sender in several implementations. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { commandLine } from "../cli/commandLine.ts";
import type { Posting } from "./posting.ts";

const HELP = `Measures the CPU time of a post to a connection, as the fan-out makes it, compared with a bare request,
a request signed by the SDK's signer, and the SDK's client.

  npm run bench:fanout -- [options]

  --posts N    posts per round                                            (default: 2000)
  --rounds N   rounds per implementation; the cheapest one counts         (default: 8)
  --help       print this
`;

const { posts, rounds } = commandLine(HELP, {
  posts: { type: "string", default: "2000" },
  rounds: { type: "string", default: "8" },
});

const endpoint = fork(fileURLToPath(new URL("connectionsEndpoint.ts", import.meta.url)));
const [port] = (await once(endpoint, "message")) as [number];
const url = `http://127.0.0.1:${port}/dev`;
Object.assign(process.env, { AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench" });

// Bundled into one file, like the deployed functions.
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("posting.ts", import.meta.url))],
  bundle: true,
  write: false,
  format: "cjs",
  platform: "node",
  mainFields: ["module", "main"],
});
const module = { exports: {} as { startPosting: (url: string, posts: number) => Posting } };
new Function("module", "exports", "require", outputFiles[0]?.text ?? "")(
  module,
  module.exports,
  createRequire(import.meta.url),
);
const { ways, bytes } = module.exports.startPosting(url, Number(posts));

/** @returns microseconds of this process's CPU for each post */
async function measure(send: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await send();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / Number(posts);
}

console.log(`${rounds} rounds of ${posts} posts of ${bytes} bytes, to an endpoint in another process`);
// Compilation and connecting happen once and aren't part of a post's cost.
for (const send of Object.values(ways)) await send();
const names = Object.keys(ways);
const results = new Map<string, number[]>(names.map((name) => [name, []]));
for (let round = 0; round < Number(rounds); round++) {
  // The order rotates, because an implementation also pays for collecting the garbage of those before it.
  const order = names.map((_, i) => names[(i + round) % names.length] as string);
  for (const name of order) results.get(name)?.push(await measure(ways[name] as () => Promise<void>));
  const shown = names.map((name) => `${name} ${results.get(name)?.at(-1)?.toFixed(0)} µs`);
  console.log(`round ${round + 1}: ${shown.join(", ")}`);
}
const best = (name: string) => Math.min(...(results.get(name) as number[]));
const bare = best("bare http.request");
for (const name of names) {
  console.log(`${name}: ${best(name).toFixed(0)} µs of CPU a post, ${(best(name) / bare).toFixed(2)} × a bare request`);
}
endpoint.disconnect();
