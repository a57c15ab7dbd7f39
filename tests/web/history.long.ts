/** A room with a long history: messages being read keep their place, and memory stays bounded. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, say, textsOf } from "./browser.ts";
import { inBrowser } from "./browserTest.ts";
import { httpOf, seedRoom } from "./seededRoom.ts";

const MESSAGES = 5_000;

describe.skipIf(!hasBrowser)("a room with 5,000 messages", () => {
  const given = inBrowser(["--config", "chat:userRate=1000", "--config", "chat:userBurst=10000"]);
  beforeAll(async () => {
    const log = Array.from({ length: MESSAGES }, (_, i) => ({
      kind: "message" as const,
      text: `message ${i + 1}${i % 7 === 0 ? `\n${"long ".repeat(60)}` : ""}`,
      by: `person ${Math.floor(i / 3) % 4}`,
      ...(i === MESSAGES - 1 ? { replyTo: 4_300 } : {}),
    }));
    await seedRoom(httpOf(given.cloud.outputs.webSocketUrl as string), "past", log);
  });

  test("is read to its beginning without jumps, and one button leads back to the end", async () => {
    const { profile, url } = given;
    const page = await profile.signIn(url, "Ana", "past");
    expect(await firstOf(page)).toBe(4_901);
    const jumps: number[] = [];
    while ((await firstOf(page)) > 1) {
      const first = await firstOf(page);
      jumps.push(await jumpWhileLoading(page));
      await expect.poll(() => firstOf(page)).toBeLessThan(first);
    }
    await page.getByText("This is where past begins.").waitFor();
    const texts = (await textsOf(page)).map((text) => Number(/\d+/.exec(text)?.[0]));
    expect(texts).toEqual(Array.from({ length: MESSAGES }, (_, i) => i + 1));
    expect(Math.max(...jumps)).toBeLessThanOrEqual(1);

    const bob = await profile.signIn(url, "Bob", "past");
    await say(bob, "news");
    await page.getByRole("button", { name: "1 message below" }).click();
    await page.getByText("news", { exact: true }).waitFor();
    await expect.poll(() => page.locator(".jump").count()).toBe(0);
    await say(bob, "more news");
    await page.getByText("more news", { exact: true }).waitFor();
    // Messages far above are dropped when the reader is back at the end.
    await expect.poll(() => page.locator("[data-seq]").count()).toBeLessThanOrEqual(1_000);
  }, 300_000);

  test("shows a quoted message, even one that wasn't loaded, when its quote is clicked", async () => {
    const { profile, url } = given;
    const page = await profile.signIn(url, "Cem", "past");
    await page.getByRole("button", { name: /^In reply to a message that isn't here/ }).click();
    await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLElement).dataset.seq)).toBe("4300");
    const place = await page.locator('[data-seq="4300"]').boundingBox();
    expect(place?.y).toBeGreaterThan(0);
    expect(place?.y).toBeLessThan(720);
  });
});

function firstOf(page: Page): Promise<number> {
  return page.evaluate(() => Number(document.querySelector<HTMLElement>("[data-seq]")?.dataset.seq));
}

/**
 * Scrolls up, as a reader does, until older messages are loaded.
 *
 * @returns the largest movement of the messages in view that the scrolling didn't cause, in pixels
 */
function jumpWhileLoading(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const scroller = document.querySelector(".scroller") as HTMLElement;
    const first = document.querySelector("[data-seq]");
    const isLoaded = () => document.querySelector("[data-seq]") !== first;
    // Messages that were never in view have an estimated height until they are drawn.
    scroller.scrollTop = 1_200;
    for (let i = 0; i < 5; i++) await frame();
    let most = 0;
    while (scroller.scrollTop > 0 && !isLoaded()) {
      scroller.scrollTop -= 100;
      const { top } = scroller.getBoundingClientRect();
      const rows = Array.from(document.querySelectorAll("[data-seq]"));
      const watched = rows.find((row) => row.getBoundingClientRect().bottom > top + 10) as Element;
      const before = watched.getBoundingClientRect().top;
      for (let i = 0; i < 4; i++) {
        await frame();
        most = Math.max(most, Math.abs(watched.getBoundingClientRect().top - before));
      }
    }
    return most;
  });
}
