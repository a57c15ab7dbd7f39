/** `npm run bench:flood`: measures what one person's flood costs the others and the stack. */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { commandLine } from "../cli/commandLine.ts";
import { requestToken } from "../cli/localIssuer.ts";
import { type FloodOrder, flood } from "./flood/flooder.ts";
import { FLOODS, type Flood } from "./flood/frames.ts";
import type { Usage } from "./meter.ts";
import { startMeteredCloud } from "./meteredCloud.ts";
import { ask, startPart } from "./part.ts";
import { type Measured, measure, p99, Sender } from "./sender.ts";
import type { Tally } from "./tally.ts";

const HELP = `Starts a local cloud with the rates of the stack prod and the default throttle, where some people chat calmly in
the lobby. One person floods it with frames of each action in turn, from one client and from many: each sends while it
is connected, and keeps trying to connect while it isn't. Prints the p99 of the calm people's acks before the flood, in
its first 3 s and from then on, and what the flood cost. A flood that misses the target is repeated twice, and the
median decides. If the cloud uses all of this machine's cores, the p99 measures the machine: choose a lower --rate.

  npm run bench:flood -- [options]

  --actions LIST   ${FLOODS.slice(0, 7).join(", ")},
                   ${FLOODS.slice(7, 14).join(", ")},
                   ${FLOODS.slice(14).join(", ")}
                                                   (default: ping,hello,setTyping,sendMessage,invalid,unknown)
  --clients LIST   clients of the flooding person  (default: 1,70: only 20 can be connected at once)
  --throttle N     frames a second that the stage lets through; twice that in a burst    (default: 500)
  --rate N         frames a second of the flood    (default: what the stage lets through)
  --calm N         people who chat calmly          (default: 20)
  --pause MS       milliseconds between two messages of a calm person                    (default: 1000)
  --seconds N      seconds measured before each flood, and after the first 3 s of it     (default: 20, so that 400
                   acks are compared and one hiccup of the machine doesn't decide)
  --help           print this
`;

/** Length of a flood's start, in which the limits haven't stopped it yet. */
const FIRST_MS = 3_000;

/** Maximum p99 once the limits have stopped a flood, as a multiple of the p99 before it. */
const TARGET = 2;

/** Number of floods whose median decides if the first one misses the target. Two hiccups of the machine decide a p99. */
const TRIES = 3;

const SELF = fileURLToPath(import.meta.url);

interface Count extends Usage {
  /** CPU time of the cloud's process. */
  cpuMs: number;
}

async function bench(): Promise<void> {
  const options = commandLine(HELP, {
    actions: { type: "string", default: "ping,hello,setTyping,sendMessage,invalid,unknown" },
    clients: { type: "string", default: "1,70" },
    throttle: { type: "string", default: "500" },
    rate: { type: "string" },
    calm: { type: "string", default: "20" },
    pause: { type: "string", default: "1000" },
    seconds: { type: "string", default: "20" },
  });
  const actions = options.actions.split(",") as Flood[];
  const unknown = actions.find((action) => !FLOODS.includes(action));
  if (unknown !== undefined) {
    console.error(`--actions names "${unknown}", which is unknown; --help lists the actions`);
    process.exit(1);
  }
  const [pauseMs, seconds] = [Number(options.pause), Number(options.seconds)];
  const rate = Number(options.rate ?? options.throttle);
  console.log(`starting a local cloud whose stage lets ${options.throttle} frames a second through …`);
  const [cloud, flooder] = [startPart(SELF, "cloud"), startPart(SELF, "flood")];
  const { url, issuer } = (await ask(cloud, { throttle: options.throttle })) as { url: string; issuer: string };
  const calm = await Promise.all(
    Array.from({ length: Number(options.calm) }, (_, i) => Sender.connect(url, issuer, `calm-${i}`)),
  );
  console.log(`${calm.length} calm people, each sending every ${pauseMs} ms; a flood of ${rate} frames a second`);
  // The first messages start the functions and aren't measured.
  await measure(calm, pauseMs, 5);

  /** Measures the calm people for this long, and counts the usage in that time. */
  const part = async (forSeconds: number) => {
    const before = (await ask(cloud, "count")) as Count;
    const measured = await measure(calm, pauseMs, forSeconds);
    const after = (await ask(cloud, "count")) as Count;
    return { ...measured, used: (what: keyof Count) => after[what] - before[what] };
  };
  /**
   * Floods once, and prints what it measured.
   *
   * @returns the calm people's p99 once the limits have stopped the flood, as a multiple of the p99 before it
   */
  const floodOnce = async (action: Flood, clients: number, user: string): Promise<number> => {
    const token = await requestToken(issuer, { user });
    const before = await part(seconds);
    const order: FloodOrder = { url, token, action, clients, rate, seconds: seconds + FIRST_MS / 1_000 };
    const flooded = ask(flooder, order);
    const during = await part(order.seconds);
    const tally = (await flooded) as Tally;
    const first = during.sent.filter(({ atMs }) => atMs < FIRST_MS);
    const later = during.sent.filter(({ atMs }) => atMs >= FIRST_MS);
    const ratio = p99(later) / p99(before.sent);
    // The calm people's part of the usage, which is proportional to the number of their messages, isn't a cost of the
    // flood.
    const share = during.sent.length / before.sent.length;
    const cost = (["invocations", "writeUnits", "posts"] as const).map((what) =>
      String(Math.max(0, Math.round(during.used(what) - before.used(what) * share))),
    );
    const times = [before.sent, first, later].map((sent) => p99(sent).toFixed(1));
    const cores = (during.used("cpuMs") / (order.seconds * 1_000)).toFixed(1);
    console.log(row([action, String(clients), ...times, ratio.toFixed(2), verdict(ratio), ...cost, cores]));
    console.log(`    ${outcomes(tally)}${lost(before, during)}`);
    // Waits for the invocations that this machine has queued, because they would delay the next flood.
    await ask(cloud, "idle");
    return ratio;
  };

  console.log(HEADING);
  let missed = 0;
  for (const clients of options.clients.split(",").map(Number)) {
    for (const action of actions) {
      const ratios = [await floodOnce(action, clients, `${action}-${clients}`)];
      if ((ratios[0] as number) >= TARGET) {
        while (ratios.length < TRIES)
          ratios.push(await floodOnce(action, clients, `${action}-${clients}-${ratios.length}`));
        console.log(`    median of ${TRIES} floods: ${median(ratios).toFixed(2)} ${verdict(median(ratios))}`);
      }
      if (median(ratios) >= TARGET) missed += 1;
    }
  }
  console.log(missed === 0 ? "every flood: PASS" : `floods that missed the target: ${missed}`);
  for (const person of calm) person.close();
  for (const child of [cloud, flooder]) child.kill("SIGKILL");
  if (missed > 0) process.exitCode = 1;
}

const verdict = (ratio: number) => (ratio < TARGET ? "PASS" : "MISSED");
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

const WIDTHS = [12, 8, 9, 9, 9, 6, 7, 12, 12, 7, 6];
const row = (cells: string[]) => cells.map((cell, i) => cell.padEnd(WIDTHS[i] as number)).join(" ");
const HEADING = [
  `calm people's p99 in ms: before, in the first ${FIRST_MS / 1_000} s, and after that; target: after/before is less than ${TARGET}`,
  row(["flood of", "clients", "before", "first", "after", "ratio", "", "invocations", "write units", "posts", "cores"]),
].join("\n");

function outcomes(tally: Tally): string {
  return Object.entries(tally)
    .map(([outcome, times]) => `${times} ${outcome}`)
    .join(", ");
}

/** Describes the calm people's messages without an ack. */
function lost(...parts: Measured[]): string {
  const all = parts.map(({ others }) => outcomes(others)).filter((text) => text !== "");
  return all.length === 0 ? "" : `; calm messages without an ack: ${all.join(", ")}`;
}

async function serveCloud(): Promise<void> {
  const [{ throttle }] = (await once(process, "message")) as [{ throttle: string }];
  const config = { "chat:throttleRate": throttle, "chat:throttleBurst": String(2 * Number(throttle)) };
  const { meter, webSocketUrl, issuer } = await startMeteredCloud(config);
  process.on("message", async (what) => {
    if (what === "idle") await meter.idle();
    const { user, system } = process.cpuUsage();
    process.send?.({ ...meter.usage, cpuMs: (user + system) / 1_000 } satisfies Count);
  });
  process.send?.({ url: webSocketUrl, issuer });
}

if (process.send === undefined) await bench();
else {
  process.once("disconnect", () => process.exit());
  if (process.argv[2] === "cloud") await serveCloud();
  else process.on("message", (order: FloodOrder) => void flood(order).then((tally) => process.send?.(tally)));
}
