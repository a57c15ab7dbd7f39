/**
 * Tests that everyone can use the page: by keyboard, with a screen reader, in both themes, on small screens, and in
 * other languages and directions.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { composerOf, hasBrowser, Profile, roomLoaded, say, textsOf } from "./browser.ts";
import { inBrowser } from "./browserTest.ts";
import { httpOf, seedRoom } from "./seededRoom.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * Problems that axe finds, as "rule: element". axe runs outside of the page, whose security policy blocks other code.
 */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

describe.skipIf(!hasBrowser)("for everyone", () => {
  const given = inBrowser(["--config", "chat:userRate=1000", "--config", "chat:userBurst=1000"]);

  test.each(["light", "dark"] as const)("axe finds nothing in the %s theme, in any state", async (colorScheme) => {
    const { url, browser, cloud } = given;
    const room = `axe ${colorScheme}`;
    await seedRoom(httpOf(cloud.outputs.webSocketUrl as string), room, [
      { kind: "message", text: "See https://example.com", by: "Bob" },
      { kind: "message", text: "an answer", replyTo: 1, by: "Cem" },
      { kind: "reaction", target: 1, emoji: "👍", on: true, by: "Cem" },
      { kind: "edit", target: 2, text: "another answer", by: "Cem" },
    ]);
    const profile = await Profile.open(browser, { colorScheme });
    const page = await profile.context.newPage();
    await page.goto(`${url}/#/room/${encodeURIComponent(room)}`);
    await page.getByLabel("Your name").waitFor();
    expect(await violationsOf(page)).toEqual([]);

    await page.getByLabel("Your name").fill("Ana");
    await page.getByRole("button", { name: "Start chatting" }).click();
    await page.getByText("another answer").first().waitFor();
    await say(page, "mine");
    await expect.poll(async () => (await textsOf(page)).length).toBe(3);
    await page.locator("[data-seq]", { hasText: "mine" }).hover();
    await page.getByRole("button", { name: "React", exact: true }).click();
    await page.getByRole("button", { name: /here$/ }).click();
    expect(await violationsOf(page)).toEqual([]);

    await page.locator("[data-seq]", { hasText: "mine" }).hover();
    await page.getByRole("button", { name: "Delete" }).click();
    await composerOf(page).fill("é".repeat(5_000));
    expect(await violationsOf(page)).toEqual([]);

    profile.isCut = true;
    await profile.context.setOffline(true);
    await page.getByText("You're offline.").waitFor();
    await page.goto(`${url}/#/room/${encodeURIComponent("private-x")}`).catch(() => {});
    expect(await violationsOf(page)).toEqual([]);
    expect(profile.problems).toEqual([]);
    await profile.context.close();
  });

  test("everything works by keyboard", async () => {
    const { profile, url } = given;
    const page = await profile.context.newPage();
    await page.goto(url);
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await page.getByLabel("Your name").waitFor();
    await press("Tab");
    await page.keyboard.type("Ana");
    await press("Enter");
    await roomLoaded(page);
    // The rooms come before the composer, which takes focus.
    await expect.poll(() => composerOf(page).evaluate(isFocused)).toBe(true);
    await tabTo(page, page.getByLabel("Join or create a room"), "Shift+Tab");
    await page.keyboard.type("keys");
    await press("Enter");
    await expect.poll(() => page.locator(".room-header h2").textContent()).toBe("keys");
    await roomLoaded(page);
    await expect.poll(() => composerOf(page).evaluate(isFocused)).toBe(true);

    await page.keyboard.type("first");
    await press("Shift+Enter");
    await page.keyboard.type("line two");
    await press("Enter");
    await page.keyboard.type("second");
    await press("Enter");
    await expect.poll(() => textsOf(page)).toEqual(["first\nline two", "second"]);

    // The up arrow edits the last message.
    await press("ArrowUp");
    expect(await composerOf(page).inputValue()).toBe("second");
    await page.keyboard.type("!");
    await press("Enter");
    await expect.poll(() => textsOf(page)).toEqual(["first\nline two", "second!edited"]);
    await press("ArrowUp", "Escape");
    expect(await composerOf(page).inputValue()).toBe("");

    // One Tab leads to the messages, the arrow keys move between them, and Tab leads to a message's actions.
    await tabTo(page, page.locator("[data-seq]").last(), "Shift+Tab");
    await press("ArrowUp");
    await expect.poll(() => page.locator("[data-seq]").first().evaluate(isFocused)).toBe(true);
    await press("Tab", "Enter");
    await tabTo(page, page.getByRole("button", { name: "React with 👍" }), "Tab");
    await press("Enter");
    await page.getByRole("button", { name: "👍 1 from Ana" }).waitFor();

    await tabTo(page, page.locator("[data-seq]").first(), "Shift+Tab");
    await tabTo(page, page.getByRole("button", { name: "Delete" }), "Tab");
    await press("Enter");
    await tabTo(page, page.locator(".confirm .danger"), "Tab");
    await press("Enter");
    await page.getByText("This message was deleted.").waitFor();

    await tabTo(page, page.getByRole("button", { name: /here$/ }), "Shift+Tab");
    await press("Enter");
    await page.getByRole("complementary", { name: "Who's here" }).waitFor();
    await tabTo(page, page.getByRole("button", { name: "Close" }), "Tab");
    await press("Enter");
    await tabTo(page, page.getByRole("button", { name: "Sign out" }), "Shift+Tab");
    await press("Enter");
    await page.getByLabel("Your name").waitFor();
  });

  test("Enter during the composition of a character doesn't send", async () => {
    const { profile, url } = given;
    const page = await profile.signIn(url, "Ana", "ime");
    const session = await profile.context.newCDPSession(page);
    await composerOf(page).focus();
    await session.send("Input.imeSetComposition", { text: "に", selectionStart: 1, selectionEnd: 1 });
    await session.send("Input.dispatchKeyEvent", { type: "keyDown", key: "Enter", windowsVirtualKeyCode: 229 });
    await session.send("Input.insertText", { text: "日" });
    expect(await composerOf(page).inputValue()).toBe("日");
    expect(await page.locator(".message").count()).toBe(0);
    await composerOf(page).press("Enter");
    await expect.poll(() => textsOf(page)).toEqual(["日"]);
  });

  test("others' messages are announced in batches; history and one's own messages aren't", async () => {
    const { profile, url, cloud } = given;
    const http = httpOf(cloud.outputs.webSocketUrl as string);
    await seedRoom(http, "ears", [{ kind: "message", text: "history", by: "Bob" }]);
    const ana = await profile.signIn(url, "Ana", "ears");
    const announced = async () => (await ana.locator("[data-announcer]").textContent()) ?? "";
    const bob = await profile.signIn(url, "Bob", "ears");

    await say(bob, "hello");
    await expect.poll(announced).toBe("Bob: hello");
    await say(ana, "mine");
    for (const text of ["one", "two", "three"]) await say(bob, text);
    await expect.poll(announced).toBe("3 messages from Bob");
  });

  test("at a width of 320 pixels, everything is reachable and nothing is wider than the screen", async () => {
    const { url, browser, cloud } = given;
    const http = httpOf(cloud.outputs.webSocketUrl as string);
    await seedRoom(http, "narrow", [
      { kind: "message", text: `https://example.com/${"x".repeat(300)}`, by: "w".repeat(60) },
    ]);
    const profile = await Profile.open(browser, { viewport: { width: 320, height: 560 }, hasTouch: true });
    const page = await profile.signIn(url, "Ana", "narrow");
    await say(page, "hi");
    await expect.poll(async () => (await textsOf(page)).length).toBe(2);
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow()).toBe(0);
    await page.getByText("hi", { exact: true }).tap();
    await page.getByRole("button", { name: "React", exact: true }).tap();
    await page.getByRole("button", { name: "React with ❤️" }).tap();
    await page.getByRole("button", { name: "❤️ 1 from Ana" }).waitFor();
    expect(await overflow()).toBe(0);
    await page.getByRole("button", { name: /here$/ }).tap();
    await page.getByRole("button", { name: "Close" }).tap();
    await page.getByRole("link", { name: "All rooms" }).tap();
    await page
      .getByRole("link", { name: /lobby|narrow/ })
      .first()
      .waitFor();
    expect(await overflow()).toBe(0);
    await page.getByRole("link", { name: "narrow" }).tap();
    await expect.poll(async () => (await textsOf(page)).length).toBe(2);
    expect(profile.problems).toEqual([]);
    await profile.context.close();
  });

  test("everything works in German and from right to left", async () => {
    const { url, browser } = given;
    const profile = await Profile.open(browser, { locale: "de-AT" });
    const page = await profile.context.newPage();
    await page.goto(`${url}/#/room/sprache`);
    await page.getByLabel("Dein Name").fill("Ana");
    await page.getByRole("button", { name: "Loslegen" }).click();
    await page.getByText("Hier hat noch niemand etwas gesagt.").waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("de");
    await page.evaluate(() => {
      document.documentElement.dir = "rtl";
    });
    await say(page, "שלום");
    await page.getByText("שלום").waitFor();
    const sidebar = await page.locator(".sidebar").boundingBox();
    expect(sidebar?.x).toBeGreaterThan(500);
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(sideways).toBe(0);
    expect(profile.problems).toEqual([]);
    await profile.context.close();
  });
});

/** Presses each of the keys up to 40 times, until the element has focus. */
async function tabTo(page: Page, target: import("playwright-core").Locator, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    for (let i = 0; i < 40; i++) {
      if ((await target.count()) > 0 && (await target.first().evaluate(isFocused))) return;
      await page.keyboard.press(key);
    }
  }
  throw new Error(`${keys.join(" and ")} don't lead to ${target}`);
}

function isFocused(element: Element): boolean {
  return document.activeElement === element;
}
