/** `npm run bench:page`: measures the page's speed in a real browser, on a separate local cloud. */
import type { CDPSession, Page } from "playwright-core";
import { commandLine } from "../cli/commandLine.ts";
import { requestToken } from "../cli/localIssuer.ts";
import { Client } from "../client/index.ts";
import { startLocalCloud } from "../tests/localCloud.ts";
import { composerOf, hasBrowser, launch, Profile } from "../tests/web/browser.ts";

const HELP = `Measures the page in Chromium: the time from navigation to the first message, how long a key press keeps the page
busy with 2,000 messages loaded, and how much memory the page takes after it has received 10,000 messages.

  npm run bench:page -- [--received N] [--json] [--help]

  --received N   messages that the page receives   (default: 10000)

Exits with 1 when the first message takes more than 1 s, the 95th percentile of key presses 16 ms or more, or the page
keeps more than 1,000 messages.
`;

const LOADED = 2_000;
const MAX_FIRST_MS = 1_000;
const MAX_KEY_MS = 16;
const MAX_KEPT = 1_000;
const SENDERS = 4;

const { received = "10000", json } = commandLine(HELP, { received: { type: "string" }, json: { type: "boolean" } });
if (!hasBrowser) process.exit(1);
const fast = ["userRate=1000", "userBurst=100000", "roomRate=1000"].flatMap((value) => ["--config", `chat:${value}`]);
const [cloud, browser] = await Promise.all([startLocalCloud(fast), launch()]);
const url = (await cloud.waitFor("ready")).page as string;
const profile = await Profile.open(browser);

await send("bench", LOADED);
const page = await profile.signIn(url, "Reader", "bench");
const firstMs = await firstMessage(page);
await loadAll(page);
const session = await profile.context.newCDPSession(page);
const keyMs = await keyPress(page, session);
await page.locator(".scroller").evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight));
const before = await heapOf(session);
await send("bench", Number(received));
await page.getByText(`last of ${received}`).waitFor({ timeout: 60_000 });
const after = await heapOf(session);
const kept = await page.locator("[data-seq]").count();
const measured = { firstMs, keyMs, heapMb: { before, after }, kept };
if (json) console.log(JSON.stringify(measured));
else {
  console.log(`first message after navigation   ${firstMs} ms`);
  console.log(
    `key press, ${LOADED} messages        ${keyMs.median} ms in the median, ${keyMs.p95} ms at the 95th percentile, ${keyMs.most} ms maximum`,
  );
  console.log(`memory after ${received} messages     ${after} MB (${before} MB before), ${kept} messages kept`);
}
if (firstMs > MAX_FIRST_MS || keyMs.p95 >= MAX_KEY_MS || kept > MAX_KEPT) process.exitCode = 1;
await browser.close();
await cloud.stop();

/** Sends this many messages, a few people at a time. */
async function send(room: string, count: number): Promise<void> {
  const webSocket = cloud.outputs.webSocketUrl as string;
  const clients = Array.from({ length: SENDERS }, (_, i) => {
    const token = () => requestToken(`http://${new URL(webSocket).host}`, { user: `Sender ${i}` });
    return new Client({ url: webSocket, token });
  });
  await Promise.all(
    clients.map(async (client, i) => {
      for (let n = i; n < count - 1; n += SENDERS) await client.room(room).send(`message ${n}`).acknowledged;
    }),
  );
  await clients[0]?.room(room).send(`last of ${count}`).acknowledged;
  for (const client of clients) client.close();
}

/** Milliseconds from a navigation until the first message is drawn. */
async function firstMessage(page: Page): Promise<number> {
  await page.reload({ waitUntil: "commit" });
  await page.locator("[data-seq]").first().waitFor();
  return page.evaluate(() => Math.round(performance.now()));
}

async function loadAll(page: Page): Promise<void> {
  for (let first = Number.POSITIVE_INFINITY; first > 1; ) {
    first = await page.evaluate(async () => {
      const scroller = document.querySelector(".scroller") as HTMLElement;
      scroller.scrollTop = 0;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return Number(document.querySelector<HTMLElement>("[data-seq]")?.dataset.seq);
    });
  }
}

/**
 * How many milliseconds longer a frame with a key press keeps the page's main thread busy than one without: handlers,
 * rendering, layout and painting, as the browser adds them up. The wait for the screen's next frame isn't included.
 */
async function keyPress(page: Page, session: CDPSession): Promise<{ median: number; p95: number; most: number }> {
  await composerOf(page).focus();
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  // This key press isn't measured, because the first one also includes the start of the measurement.
  await page.keyboard.press("a");
  const [quiet, pressed]: [number[], number[]] = [[], []];
  for (const key of "the quick brown fox jumps over the lazy dog") {
    quiet.push(await frame(page, session, async () => {}));
    pressed.push(await frame(page, session, () => page.keyboard.press(key)));
  }
  const own = quiet.sort((a, b) => a - b)[Math.floor(quiet.length / 2)] as number;
  const sorted = pressed.sort((a, b) => a - b).map((seconds) => Math.round((seconds - own) * 10_000) / 10);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number;
  return { median: at(0.5), p95: at(0.95), most: at(1) };
}

/** Returns the seconds for which the main thread is busy until the frame after this act has been drawn. */
async function frame(page: Page, session: CDPSession, act: () => Promise<void>): Promise<number> {
  const before = await busySeconds(session);
  await act();
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))));
  return (await busySeconds(session)) - before;
}

async function busySeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
}

/** Memory in MB after a garbage collection. */
async function heapOf(session: CDPSession): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return Math.round(usedSize / 100_000) / 10;
}
