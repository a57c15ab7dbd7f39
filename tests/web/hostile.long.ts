/** Hostile texts as messages, names, rooms and emoji. They stay text wherever they are shown. */
import { describe, expect, test } from "vitest";
import { composerOf, hasBrowser, roomLoaded, say, textsOf } from "./browser.ts";
import { inBrowser } from "./browserTest.ts";
import { httpOf, seedRoom } from "./seededRoom.ts";

const HOSTILE = [
  "<script>window.hacked = 1</script>",
  "<img src=x onerror=window.hacked=1>",
  '"><svg onload=window.hacked=1>',
  "<iframe srcdoc='<script>parent.hacked=1</script>'>",
  "javascript:window.hacked=1",
  "JaVaScRiPt:window.hacked=1 https://ok.example/",
  "data:text/html,<script>window.hacked=1</script>",
  "[click](javascript:window.hacked=1)",
  'https://ok.example/" onmouseover="window.hacked=1',
  "https://ok.example/'onclick='window.hacked=1",
  "https://user:pass@ok.example/<script>window.hacked=1</script>",
  "http://[::1]:1/ http://%zz https:// https:///x",
  "&lt;b&gt; &amp; {{7*7}} ${7*7} {dangerouslySetInnerHTML}",
  "__proto__",
  "constructor",
  "\u202Egnp.exe\u202C and \u2066left\u2069 \u200B\u200D\uFEFF",
  "Z̴̡̛͔̗a̴l̷g̵o̶".repeat(20),
  `${"w".repeat(2_000)}`,
  "👩‍👩‍👧‍👦🏳️‍🌈".repeat(50),
  "a\n".repeat(200),
  "١٢٣ שלום مرحبا hello",
];

describe.skipIf(!hasBrowser)("hostile texts", () => {
  const given = inBrowser(["--config", "chat:userRate=1000", "--config", "chat:userBurst=1000"]);

  test("as messages, they are shown literally and run nothing", async () => {
    const { profile, url, cloud } = given;
    const log = HOSTILE.map((text) => ({ kind: "message" as const, text }));
    await seedRoom(httpOf(cloud.outputs.webSocketUrl as string), "hostile", log);
    const page = await profile.signIn(url, "Ana", "hostile");
    const texts = await page.locator("[data-seq] .text").evaluateAll((all) => all.map((one) => one.textContent));
    expect(texts).toEqual(HOSTILE);

    for (const text of HOSTILE.slice(0, 9)) await say(page, text);
    await expect.poll(async () => (await textsOf(page)).length).toBe(HOSTILE.length + 9);
    expect(await page.evaluate(() => (window as { hacked?: unknown }).hacked)).toBeUndefined();
    const links = await page
      .locator("[data-seq] a")
      .evaluateAll((all) =>
        all.map((link) => [
          (link as HTMLAnchorElement).protocol,
          link.getAttribute("rel"),
          link.getAttribute("target"),
        ]),
      );
    expect(new Set(links.map((link) => JSON.stringify(link)))).toEqual(
      new Set(
        ["https:", "http:"].map((scheme) => JSON.stringify([scheme, "noopener noreferrer nofollow ugc", "_blank"])),
      ),
    );
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
  });

  test("as names and rooms, they are text, and a link to a room leads to it", async () => {
    const { profile, url } = given;
    for (const name of ["<img src=x onerror=window.hacked=1>", "constructor", "\u202Eana", "w".repeat(50)]) {
      const page = await profile.signIn(url, name, `room ${name}`);
      await say(page, "hi");
      await expect.poll(() => textsOf(page)).toEqual(["hi"]);
      expect(await page.locator(".byline strong").first().textContent()).toBe(name);
      expect(await page.locator(".room-header h2").textContent()).toBe(`room ${name}`);
      await expect.poll(() => page.locator("[aria-current] .room-name").textContent()).toBe(`room ${name}`);
      expect(await page.evaluate(() => (window as { hacked?: unknown }).hacked)).toBeUndefined();
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
      await page.close();
    }
  });

  test("as room names that the chat refuses, they make the page show the reason", async () => {
    const { profile, url } = given;
    const page = await profile.context.newPage();
    await page.goto(`${url}/#/room/${encodeURIComponent("\u200B")}`);
    await page.getByLabel("Your name").fill("Ana");
    await page.getByRole("button", { name: "Start chatting" }).click();
    await page.getByText("A room's name has 1 to 64 characters").waitFor();
    await page.goto(`${url}/#/room/%E0%A4%A`);
    await roomLoaded(page);
  });

  test("as emoji, they are refused, even on a message with 500 reactions, which has one button per emoji", async () => {
    const { profile, url, cloud } = given;
    const emoji = ["👍", "❤️", "🎉", "😂", "😮", "😢", "🏳️‍🌈", "👩‍👩‍👧‍👦", "🇺🇳", "🫠"];
    const reactions = Array.from({ length: 500 }, (_, i) => ({
      kind: "reaction" as const,
      target: 1,
      emoji: emoji[i % emoji.length] as string,
      on: true,
      by: `person ${i}`,
    }));
    const http = httpOf(cloud.outputs.webSocketUrl as string);
    await seedRoom(http, "loved", [{ kind: "message", text: "loved" }, ...reactions]);
    const page = await profile.signIn(url, "Ana", "loved");
    await page.getByRole("button", { name: /^👍 50 from person 0/ }).waitFor();
    expect(await page.locator(".reaction").count()).toBe(emoji.length);

    const message = page.locator("[data-seq]");
    await message.hover();
    await page.getByRole("button", { name: "React", exact: true }).click();
    await page.getByLabel("Another emoji").fill("<b>");
    await page.getByLabel("Another emoji").press("Enter");
    await page.getByText("The chat didn't accept this.").waitFor();
    expect(await page.locator(".reaction").count()).toBe(emoji.length);
  });

  test("as pasted markup, they are sent and shown as plain text", async () => {
    const { profile, url } = given;
    const page = await profile.signIn(url, "Ana", "paste");
    await composerOf(page).evaluate((area) => {
      const data = new DataTransfer();
      data.setData("text/html", "<b onclick=alert(1)>bold</b>");
      data.setData("text/plain", "<b>bold</b>");
      area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
      (area as HTMLTextAreaElement).setRangeText(data.getData("text/plain"));
      area.dispatchEvent(new InputEvent("input", { bubbles: true }));
    });
    await composerOf(page).press("Enter");
    await expect.poll(() => textsOf(page)).toEqual(["<b>bold</b>"]);
  });
});

/** Number of pixels by which the page is wider than the window. */
function overflowOf(page: import("playwright-core").Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
