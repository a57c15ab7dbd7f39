/** `npm run screenshots`: takes screenshots of a real run for the README: light, dark and on a phone. */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startLocalCloud } from "../localCloud.ts";
import { hasBrowser, launch, Profile, roomLoaded, say } from "./browser.ts";

const FOLDER = fileURLToPath(new URL("../../docs/images/", import.meta.url));

if (!hasBrowser) process.exit(1);
const [cloud, browser] = await Promise.all([startLocalCloud(["--config", "chat:userRate=100"]), launch()]);
const url = (await cloud.waitFor("ready")).page as string;
await mkdir(FOLDER, { recursive: true });
const people = await Profile.open(browser, { viewport: { width: 1080, height: 700 } });
const maya = await people.signIn(url, "Maya", "release-42");
const jonas = await people.signIn(url, "Jonas", "release-42");
const noor = await people.signIn(url, "نور", "release-42");

await say(maya, "Morning! The rollout is at 10 %.");
await said(jonas, "The rollout is at 10 %.");
await say(maya, "Error rate is flat, p99 is 64 ms. Dashboard: https://grafana.example/d/rollout");
await said(jonas, "Error rate is flat");
await say(jonas, "Nice. I looked at the logs of the first region:\n  no retries, no 410s, two cold starts");
await said(noor, "two cold starts");
await say(noor, "صباح الخير! أتابع المنطقة الثانية");
await react(jonas, "Error rate is flat", "🎉");
await react(noor, "Error rate is flat", "🎉");
await react(noor, "two cold starts", "👍");
await reply(maya, "two cold starts", "Then let's go to 50 % at eleven.");
await said(jonas, "50 % at eleven");
await react(jonas, "50 % at eleven", "👍");
await say(jonas, "I'll watch it.");
await jonas.goto(`${url}/#/room/lobby`);
await jonas.locator(".composer textarea").fill("");
await maya.goto(`${url}/#/room/lobby`);
await roomLoaded(maya);
await say(jonas, "Lunch at the usual place?");
await maya.getByText("usual place").waitFor();
await maya.goto(`${url}/#/room/release-42`);
await said(maya, "I'll watch it.");
await say(jonas, "12:30 works for me");
await jonas.locator(".composer textarea").pressSequentially("…");
await noor.locator(".composer textarea").pressSequentially("أ");
await maya.getByText("is typing").waitFor();
await maya.bringToFront();
await maya.mouse.move(0, 0);
await shoot(maya, "page-light");
await maya.emulateMedia({ colorScheme: "dark" });
await shoot(maya, "page-dark");
await maya.emulateMedia({ colorScheme: "light" });
await maya.setViewportSize({ width: 390, height: 780 });
await shoot(maya, "page-phone");
console.log(`pictures: ${FOLDER}`);
if (people.problems.length > 0) throw new Error(people.problems.join("\n"));
await browser.close();
await cloud.stop();

async function said(page: Page, text: string): Promise<void> {
  await page.locator("[data-seq] .text", { hasText: text }).first().waitFor();
}

async function react(page: Page, text: string, emoji: string): Promise<void> {
  await said(page, text);
  await page.locator("[data-seq]", { hasText: text }).first().hover();
  await page.getByRole("button", { name: "React", exact: true }).click();
  await page.getByRole("button", { name: `React with ${emoji}` }).click();
  await page.locator("[data-seq]:not(.pending)", { hasText: text }).first().waitFor();
}

async function reply(page: Page, text: string, answer: string): Promise<void> {
  await page.locator("[data-seq]", { hasText: text }).first().hover();
  await page.getByRole("button", { name: "Reply" }).click();
  await say(page, answer);
}

async function shoot(page: Page, name: string): Promise<void> {
  // Waits for the fonts and hides the blinking caret.
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${FOLDER}${name}.png`, caret: "hide", animations: "disabled" });
}
