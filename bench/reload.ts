/** `npm run bench:reload`: measures how soon a save takes effect, and what many saves do to connections and memory. */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { commandLine } from "../cli/commandLine.ts";
import { requestToken } from "../cli/localIssuer.ts";

const HELP = `Measures reload on save, on a copy of this project: the time from a save to the first frame that the new
code answers, for a handler and for the program, compared with a second start that runs the program (--no-watch); then
what many reloads do to open connections and to memory.

  npm run bench:reload -- [--runs N] [--connections N] [--reloads N] [--json] [--help]

  --runs N         how often each save is measured   (default: 15)
  --connections N  open connections                  (default: 1000)
  --reloads N      reloads with these connections    (default: 100)

Exits with 1 if a handler takes more than 300 ms, if the program takes more than 1.3 times as long as such a start, if a
connection is lost or misses an answer, or if memory grows by more than 10%.
`;

const MAX_HANDLER_MS = 300;
const MAX_PROGRAM_RATIO = 1.3;
const MAX_GROWTH = 0.1;
const WARM_RELOADS = 10;
const ROOT = fileURLToPath(new URL("..", import.meta.url));

const options = commandLine(HELP, {
  runs: { type: "string" },
  connections: { type: "string" },
  reloads: { type: "string" },
  json: { type: "boolean" },
});
const [runs, connections, reloads] = [
  Number(options.runs ?? 15),
  Number(options.connections ?? 1000),
  Number(options.reloads ?? 100),
];

const folder = mkdtempSync(join(tmpdir(), "bench-reload-"));
cpSync(ROOT, folder, { recursive: true, filter: (path) => !/\/(node_modules|\.git)(\/|$)/.test(path) });
symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
const handler = sourceOf(
  "handlers/ping.ts",
  'answer: { type: "pong", id }',
  (version) => `answer: { type: "pong", id, version: "${version}" } as never`,
);
const program = sourceOf(
  "index.ts",
  "return ping(event);",
  (version) =>
    `const { body, ...rest } = (await ping(event)) as { body: string };
        return { ...rest, body: JSON.stringify({ ...JSON.parse(body), version: "${version}" }) } as never;`,
);

/** A source file that can be saved in versions, each of which puts its name into the answers to `ping`. */
interface VersionedSource {
  save(version: string): void;
  /** Restores the content that the file has in the project. */
  restore(): void;
}

interface Cloud {
  process: ChildProcess;
  url: string;
  readyMs: number;
  /** Resolves with the next line that the local cloud reports about this kind of event. */
  next(event: string): Promise<Record<string, unknown>>;
}

async function start(...options: string[]): Promise<Cloud> {
  const started = performance.now();
  const args = ["cli/launch.js", "local/start.ts", "--json", "--port", "0", "--program", folder];
  // Raises the limits that would refuse the benchmark's clients: they connect in quick succession and send all at once.
  const config = ["--config", "chat:handshakeRate=1000", "--config", "chat:throttleRate=10000"];
  const child = spawn(process.execPath, [...args, ...config, ...options], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const waiting: { event: string; resolve: (report: Record<string, unknown>) => void }[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    const report = JSON.parse(line);
    if (report.event === "error") console.error(report.message);
    for (const waiter of waiting.filter(({ event }) => event === report.event)) {
      waiting.splice(waiting.indexOf(waiter), 1);
      waiter.resolve(report);
    }
  });
  const next = (event: string) =>
    new Promise<Record<string, unknown>>((resolve) => {
      waiting.push({ event, resolve });
    });
  const { outputs } = (await next("ready")) as { outputs: { webSocketUrl: string } };
  return { process: child, url: outputs.webSocketUrl, readyMs: performance.now() - started, next };
}

function sourceOf(file: string, found: string, replacement: (version: string) => string): VersionedSource {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(found)) throw new Error(`${file} no longer contains ${found}: update this benchmark`);
  return {
    save: (version) =>
      writeFileSync(
        path,
        text.replace(found, () => replacement(version)),
      ),
    restore: () => writeFileSync(path, text),
  };
}

async function stop({ process }: Cloud): Promise<void> {
  const ended = new Promise((resolve) => process.once("close", resolve));
  process.kill("SIGINT");
  await ended;
}

interface Client {
  /** Resolves with the version that answered. @throws Error if the connection is lost or nothing arrives */
  ping(): Promise<string>;
  close(): void;
}

async function connect(url: string, user: string): Promise<Client> {
  const token = await requestToken(url.replace(/^ws(.*)\/dev$/, "http$1"), { user });
  const socket = new WebSocket(url, ["chat.v1", `bearer.${token}`]);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
    socket.once("unexpected-response", (_, { statusCode }) => reject(new Error(`the handshake got ${statusCode}`)));
  });
  return {
    ping: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => done(new Error("no answer within 60 s")), 60_000);
        const onClose = (code: number) => done(new Error(`the connection was closed with ${code}`));
        const onMessage = (data: Buffer) => {
          const frame = JSON.parse(data.toString());
          if (frame.type === "pong") done(undefined, frame.version ?? "");
          else if (frame.type === "error") done(new Error(`${frame.code}: ${frame.message}`));
        };
        const done = (error?: Error, version = "") => {
          clearTimeout(timer);
          socket.off("message", onMessage);
          socket.off("close", onClose);
          if (error === undefined) resolve(version);
          else reject(error);
        };
        socket.on("message", onMessage);
        socket.once("close", onClose);
        socket.send(JSON.stringify({ action: "ping" }));
      }),
    close: () => socket.close(),
  };
}

/** Measures the milliseconds from a save to the first frame that the new code answers. */
async function timeToAnswer(cloud: Cloud, client: Client, source: VersionedSource, version: string): Promise<number> {
  const started = performance.now();
  const reloaded = cloud.next("reloaded");
  source.save(version);
  await reloaded;
  const answered = await client.ping();
  if (answered !== version) throw new Error(`"${answered}" answered after the reload, not "${version}"`);
  return performance.now() - started;
}

async function restore(cloud: Cloud, source: VersionedSource): Promise<void> {
  const reloaded = cloud.next("reloaded");
  source.restore();
  await reloaded;
}

/** Resident memory of the local cloud's process in MB, once it is quiet. */
async function residentMb({ process: { pid } }: Cloud): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const ps = spawn("ps", ["-o", "rss=", "-p", String(pid)], { stdio: ["ignore", "pipe", "inherit"] });
  return Math.round(Number(await text(ps.stdout)) / 1024);
}

function median(values: number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number);
}

const starts: number[] = [];
const handlerMs: number[] = [];
const programMs: number[] = [];

async function measureSaves(): Promise<void> {
  await stop(await start());
  for (let run = 0; run < runs; run += 3) {
    const unwatched = await start("--no-watch");
    starts.push(unwatched.readyMs);
    await stop(unwatched);
    const cloud = await start();
    const client = await connect(cloud.url, "ana");
    const versions = Array.from({ length: Math.min(3, runs - run) }, (_, i) => `${run + i}`);
    for (const version of versions) handlerMs.push(await timeToAnswer(cloud, client, handler, `handler ${version}`));
    await restore(cloud, handler);
    for (const version of versions) {
      programMs.push(await timeToAnswer(cloud, client, program, `program ${version}`));
      await restore(cloud, program);
    }
    client.close();
    await stop(cloud);
  }
}

async function measureConnections() {
  const cloud = await start();
  const clients: Client[] = [];
  for (let i = 0; i < connections; i++) clients.push(await connect(cloud.url, `user-${i}`));
  const askAll = async (version: string) => {
    const versions = await Promise.all(clients.map((client) => client.ping()));
    if (versions.some((each) => each !== version)) throw new Error(`not every connection was answered by "${version}"`);
  };
  const reload = async (version: string) => {
    const reloaded = cloud.next("reloaded");
    handler.save(version);
    await reloaded;
    await askAll(version);
  };
  // The first reloads allocate memory that stays: the bundler, and room for bursts of messages.
  for (let i = 0; i < WARM_RELOADS; i++) await reload(`warm ${i}`);
  const before = await residentMb(cloud);
  for (let i = 0; i < reloads; i++) await reload(`reload ${i}`);
  const after = await residentMb(cloud);
  await stop(cloud);
  return { connections, reloads, beforeMb: before, afterMb: after };
}

try {
  await measureSaves();
  const stayed = await measureConnections();
  const results = { handlerMs: median(handlerMs), programMs: median(programMs), startMs: median(starts), ...stayed };
  const ratio = results.programMs / results.startMs;
  const growth = results.afterMb / results.beforeMb - 1;
  if (options.json) console.log(JSON.stringify(results));
  else {
    console.log(`handler   ${results.handlerMs} ms from save to answer, limit ${MAX_HANDLER_MS}   (median of ${runs})`);
    console.log(
      `program   ${results.programMs} ms, ${ratio.toFixed(2)} × a second start (${results.startMs} ms), limit ${MAX_PROGRAM_RATIO}`,
    );
    console.log(`stays     ${connections} connections were answered after each of ${reloads} reloads`);
    console.log(`memory    ${results.beforeMb} MB before, ${results.afterMb} MB after, ${(growth * 100).toFixed(1)}%`);
  }
  if (results.handlerMs > MAX_HANDLER_MS || ratio > MAX_PROGRAM_RATIO || growth > MAX_GROWTH) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
