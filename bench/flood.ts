/** `npm run bench:flood`: what one person's flood takes from the others, on a local cloud of its own. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { commandLine } from "../cli/commandLine.ts";
import { requestToken } from "../cli/localIssuer.ts";
import { Cloud } from "../local/cloud.ts";
import { deploy } from "../local/deploy.ts";
import { AUDIENCE } from "../local/identity/issuer.ts";
import { readProject, readStackConfig } from "../stack/stackFiles.ts";

const HELP = `Starts a local cloud where some people chat calmly, lets one more flood, and prints what the calm ones wait for an ack.

  npm run bench:flood -- [options]

  --calm N          people who chat calmly                           (default: 20)
  --pause MS        time from one message of theirs to the next      (default: 1000)
  --seconds N       of each part: without, with and after the flood  (default: 60)
  --connections N   connections of who floods                        (default: 4)
  --rate N          frames a second of the flood; 0: all that fits   (default: 200)
  --room ROOM       where the flood goes; the others are in lobby    (default: lobby)
  --help            print this
`;

/** With the rates that a stack has by default; dev has higher ones, for who develops. */
const STACK = "prod";

/** Of the flood: what comes at once after a quiet while is written, and what it cost the others is over. */
const BURST_MS = 5_000;

/** What a calm person waits for at most before the message counts as lost. */
const LOST_MS = 10_000;

/** Frames that are on their way to the socket, of a flood that takes all that fits. */
const MOST_BUFFERED = 64 * 1024;

interface FloodOrder {
  url: string;
  connections: number;
  rate: number;
  room: string;
  seconds: number;
}

/** What became of frames, by the code of what answered them. */
type Tally = Record<string, number>;

async function bench(): Promise<void> {
  const options = commandLine(HELP, {
    calm: { type: "string", default: "20" },
    pause: { type: "string", default: "1000" },
    seconds: { type: "string", default: "60" },
    connections: { type: "string", default: "4" },
    rate: { type: "string", default: "200" },
    room: { type: "string", default: "lobby" },
  });
  const seconds = Number(options.seconds);
  console.log(`starting a local cloud of the stack ${STACK} …`);
  const cloud = start("cloud");
  const { url } = (await ask(cloud, "start")) as { url: string };
  const calm = await Promise.all(
    Array.from({ length: Number(options.calm) }, (_, i) => CalmPerson.connect(url, `calm-${i}`)),
  );
  const part = async (what: string) => {
    const started = performance.now();
    const before = (await ask(cloud, "count")) as Count;
    const measured = await measure(calm, Number(options.pause), seconds);
    const after = (await ask(cloud, "count")) as Count;
    print(what, measured, (after.cpuMs - before.cpuMs) / (performance.now() - started));
    const writeUnits = after.writeUnits - before.writeUnits;
    const invocations = after.invocations - before.invocations;
    const sent = measured.acks.length + Object.values(measured.others).reduce((sum, times) => sum + times, 0);
    return { ...measured, sent, writeUnits, invocations };
  };
  console.log(`${calm.length} calm people, a message of each every ${options.pause} ms; ${seconds} s each part`);
  // Functions are started with the first messages.
  await measure(calm, Number(options.pause), 5);
  const without = await part("without");
  const flooder = start("flood");
  const order: FloodOrder = {
    url,
    connections: Number(options.connections),
    rate: Number(options.rate),
    room: options.room,
    seconds,
  };
  const flooded = ask(flooder, order);
  const withFlood = await part("while it lasts");
  const tally = (await flooded) as Tally;
  await part("after it");
  const rate = order.rate === 0 ? "all frames that fit" : `${order.rate} frames a second`;
  console.log(`the flood: ${rate} over ${order.connections} connections into ${order.room}`);
  for (const [outcome, count] of Object.entries(tally)) console.log(`  ${outcome}: ${count}`);
  // What the calm ones cost goes with what of theirs was written.
  const writeUnits = withFlood.writeUnits - (without.writeUnits / without.acks.length) * withFlood.acks.length;
  const invocations = withFlood.invocations - (without.invocations / without.sent) * withFlood.sent;
  console.log(`  it cost ${Math.round(writeUnits)} write units and ${Math.round(invocations)} invocations`);
  const calmP99 = at(msOf(without.acks), 0.99);
  const ratio = (acks: Ack[]) => (at(msOf(acks), 0.99) / calmP99).toFixed(2);
  const [first, later] = [
    withFlood.acks.filter(({ sentMs }) => sentMs < BURST_MS),
    withFlood.acks.filter(({ sentMs }) => sentMs >= BURST_MS),
  ];
  console.log(
    `p99 to that without: ${ratio(withFlood.acks)} (the target: below 2); ` +
      `of its first ${BURST_MS / 1_000} s ${ratio(first)}, then ${ratio(later)}`,
  );
  for (const person of calm) person.close();
  for (const child of [cloud, flooder]) child.kill("SIGKILL");
}

function start(part: "cloud" | "flood"): ChildProcess {
  return fork(fileURLToPath(import.meta.url), [part], { execArgv: ["--disable-warning=ExperimentalWarning"] });
}

/** Says something to a child and takes the next thing that it says. */
async function ask(child: ChildProcess, what: object | string): Promise<unknown> {
  const answer = once(child, "message");
  child.send(what);
  const [answered] = await Promise.race([
    answer,
    once(child, "exit").then(() => Promise.reject(new Error("a process of the bench has ended"))),
  ]);
  return answered;
}

// ── Who is calm ─────────────────────────────────────────────────────────────────────────────────────────────────────

class CalmPerson {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (outcome: string) => void>();
  #count = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const { type, id, code, message } = JSON.parse(data.toString());
      if (type === "event") return;
      if (id !== undefined) this.#waiting.get(id)?.(type === "ack" ? "ack" : outcomeOf(code, message));
      // What the gateway says by itself has no id: it is the oldest one's answer.
      else if (type === undefined) [...this.#waiting.values()][0]?.(message);
    });
  }

  static async connect(url: string, user: string): Promise<CalmPerson> {
    return new CalmPerson(await open(url, user));
  }

  /** @returns `ack`, or what there was instead */
  send(): Promise<string> {
    const id = `m${++this.#count}`;
    return new Promise((resolve) => {
      const settle = (outcome: string) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(outcome);
      };
      const timer = setTimeout(() => settle("lost"), LOST_MS);
      this.#waiting.set(id, settle);
      this.#socket.send(JSON.stringify({ id, action: "sendMessage", text: "how calm it is here" }));
    });
  }

  close(): void {
    this.#socket.terminate();
  }
}

interface Ack {
  /** From the part's begin to the sending. */
  sentMs: number;
  /** From the sending to the ack. */
  ms: number;
}

interface Measured {
  acks: Ack[];
  /** Messages that got something else than an ack. */
  others: Tally;
}

/** Each sends by the clock, whatever has become of the message before: who waits for an answer measures too little. */
async function measure(calm: CalmPerson[], pauseMs: number, seconds: number): Promise<Measured> {
  const measured: Measured = { acks: [], others: {} };
  const begin = performance.now() + 100;
  const ofPerson = async (person: CalmPerson, i: number) => {
    const sent: Promise<void>[] = [];
    for (let n = 0; n * pauseMs < seconds * 1_000; n++) {
      await sleep(Math.max(0, begin + (n + i / calm.length) * pauseMs - performance.now()));
      const started = performance.now();
      const settled = person.send().then((outcome) => {
        if (outcome === "ack") measured.acks.push({ sentMs: started - begin, ms: performance.now() - started });
        else count(measured.others, outcome);
      });
      sent.push(settled);
    }
    await Promise.all(sent);
  };
  await Promise.all(calm.map(ofPerson));
  return measured;
}

/** In order. */
function msOf(acks: Ack[]): number[] {
  return acks.map(({ ms }) => ms).sort((a, b) => a - b);
}

function at(sorted: number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}

/** @param cores what of the machine's the cloud took */
function print(what: string, { acks, others }: Measured, cores: number): void {
  const ackMs = msOf(acks);
  const [p50, p90, p99, most] = [0.5, 0.9, 0.99, 1].map((share) => at(ackMs, share).toFixed(1));
  const rest = Object.entries(others).map(([outcome, times]) => `, ${times} ${outcome}`);
  console.log(
    `${what.padEnd(16)} ack p50 ${p50} ms   p90 ${p90} ms   p99 ${p99} ms   most ${most} ms   cloud ${cores.toFixed(1)} cores   (${ackMs.length}${rest.join("")})`,
  );
}

// ── Who floods ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Sends without waiting for anything, and comes back when a connection is closed. */
async function flood({ url, connections, rate, room, seconds }: FloodOrder): Promise<Tally> {
  const tally: Tally = { sent: 0 };
  const until = performance.now() + seconds * 1_000;
  let id = 0;
  const overOne = async (): Promise<void> => {
    const started = performance.now();
    const socket = await open(url, "flooder").catch(() => undefined);
    if (socket === undefined) {
      count(tally, "handshake refused");
      await sleep(1_000);
      return performance.now() < until ? overOne() : undefined;
    }
    socket.on("message", (data) => {
      const { type, code, message, id } = JSON.parse(data.toString());
      if (type === "ack") count(tally, "acknowledged");
      else if (type === "error") count(tally, outcomeOf(code, message));
      else if (type === undefined && id === undefined) count(tally, message);
    });
    if (room !== "lobby") socket.send(JSON.stringify({ action: "joinRoom", room }));
    let sent = 0;
    while (performance.now() < until && socket.readyState === socket.OPEN) {
      const due = rate === 0 ? sent + 100 : ((performance.now() - started) / 1_000) * (rate / connections);
      for (; sent < due && socket.bufferedAmount < MOST_BUFFERED; sent++) {
        socket.send(JSON.stringify({ id: `f${++id}`, action: "sendMessage", room, text: "FLOOD" }));
        count(tally, "sent");
      }
      await sleep(rate === 0 ? 1 : 10);
    }
    if (socket.readyState !== socket.OPEN) {
      count(tally, "closed");
      return performance.now() < until ? overOne() : undefined;
    }
    // What is answered later is the cloud's queue, and is not waited for.
    socket.terminate();
  };
  await Promise.all(Array.from({ length: connections }, overOne));
  return tally;
}

/** `RATE_LIMITED (you are too fast)`. */
function outcomeOf(code: string, message: string): string {
  return `${code} (${message.split(":")[0]})`;
}

function count(tally: Tally, outcome: string): void {
  tally[outcome] = (tally[outcome] ?? 0) + 1;
}

async function open(url: string, user: string): Promise<WebSocket> {
  const token = await requestToken(`http://${new URL(url).host}`, { user });
  const socket = new WebSocket(url, ["chat.v1", `bearer.${token}`]);
  await once(socket, "open");
  socket.on("error", () => {});
  return socket;
}

// ── The cloud ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface Count {
  /** A write of 1 KB or less is one, and so is one whose condition fails. */
  writeUnits: number;
  /** Of functions for messages. */
  invocations: number;
  /** Milliseconds of the cloud's process. */
  cpuMs: number;
}

/** A local cloud as `npm start` makes it, whose writes are counted. */
async function serveCloud(): Promise<void> {
  const total: Count = { writeUnits: 0, invocations: 0, cpuMs: 0 };
  await once(process, "message");
  const { name, main, tsconfig } = await readProject(".");
  const { values } = await readStackConfig(".", name, STACK);
  const cloud = await Cloud.start({
    region: values["aws:region"] as string,
    programFolder: process.cwd(),
    port: 0,
    report: ({ event }) => {
      if (event === "message") total.invocations += 1;
    },
    lifetimes: { idleMs: 600_000, lifetimeMs: 7_200_000 },
  });
  const { call } = cloud.store;
  cloud.store.call = (operation, body) => {
    total.writeUnits += unitsOf(operation, body);
    return call.call(cloud.store, operation, body);
  };
  const config = { ...values, "local:issuer": cloud.issuerUrl, "local:audience": AUDIENCE };
  const { outputs } = await deploy(
    { folder: process.cwd(), project: name, stack: STACK, main, tsconfig, config },
    cloud,
  );
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ ...total, cpuMs: (user + system) / 1_000 });
  });
  process.send?.({ url: outputs.webSocketUrl });
}

function unitsOf(operation: string, body: string): number {
  if (operation === "PutItem" || operation === "UpdateItem" || operation === "DeleteItem") return 1;
  if (operation !== "BatchWriteItem") return 0;
  const tables = Object.values(JSON.parse(body).RequestItems) as unknown[][];
  return tables.reduce((sum, requests) => sum + requests.length, 0);
}

// Each in a process of its own: who floods is not to slow down the clock that is measured by.
if (process.send === undefined) await bench();
else {
  process.once("disconnect", () => process.exit());
  if (process.argv[2] === "cloud") await serveCloud();
  else process.once("message", (order: FloodOrder) => void flood(order).then((tally) => process.send?.(tally)));
}
