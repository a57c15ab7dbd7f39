/** `npm run bench:fanout`: what one post costs the sender, ours beside the bare SDK's. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { commandLine } from "../cli/commandLine.ts";
import type { Posting } from "./posting.ts";

const HELP = `Measures the CPU time of a post to a connection: ours, as a fan-out makes it, beside the bare SDK's.

  npm run bench:fanout -- [options]

  --posts N    posts of a round                                  (default: 2000)
  --rounds N   rounds of each, in turns; the cheapest one counts (default: 5)
  --help       print this
`;

const { posts, rounds } = commandLine(HELP, {
  posts: { type: "string", default: "2000" },
  rounds: { type: "string", default: "5" },
});

const endpoint = fork(fileURLToPath(new URL("connectionsEndpoint.ts", import.meta.url)));
const [port] = (await once(endpoint, "message")) as [number];
const url = `http://127.0.0.1:${port}/dev`;
Object.assign(process.env, { AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench" });

// As functions are: one file, made by the bundler.
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
const { ours, bareSdk, bytes } = module.exports.startPosting(url, Number(posts));

interface Measured {
  /** Microseconds of this process's CPU for each post. */
  cpu: number;
  perSecond: number;
}

async function measure(send: () => Promise<void>): Promise<Measured> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  await send();
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - started) / 1000;
  return { cpu: (user + system) / Number(posts), perSecond: Number(posts) / seconds };
}

console.log(`${rounds} rounds of ${posts} posts of ${bytes} bytes, to an endpoint in another process`);
// What is compiled and connected once is no part of a post.
await ours();
await bareSdk();
const results = { ours: [] as number[], bareSdk: [] as number[] };
for (let round = 0; round < Number(rounds); round++) {
  // Whoever goes second finds the garbage of the first.
  const order = round % 2 === 0 ? [ours, bareSdk] : [bareSdk, ours];
  const measured = new Map<() => Promise<void>, Measured>();
  for (const send of order) measured.set(send, await measure(send));
  const [a, b] = [ours, bareSdk].map((send) => measured.get(send)) as [Measured, Measured];
  results.ours.push(a.cpu);
  results.bareSdk.push(b.cpu);
  console.log(
    `round ${round + 1}: ours ${a.cpu.toFixed(0)} µs (${a.perSecond.toFixed(0)} a second), ` +
      `bare SDK ${b.cpu.toFixed(0)} µs (${b.perSecond.toFixed(0)} a second)`,
  );
}
const [best, bare] = [Math.min(...results.ours), Math.min(...results.bareSdk)];
console.log(
  `CPU of a post: ours ${best.toFixed(0)} µs, bare SDK ${bare.toFixed(0)} µs, ratio ${(best / bare).toFixed(2)}`,
);
endpoint.disconnect();
