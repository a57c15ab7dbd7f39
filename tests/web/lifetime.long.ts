/** Tests pages that stay open: through handovers, in the background, and in the browser's back/forward cache. */
import { describe, expect, test } from "vitest";
import { composerOf, hasBrowser, say, textsOf } from "./browser.ts";
import { inBrowser } from "./browserTest.ts";

describe.skipIf(!hasBrowser)("connections that the server ends after three seconds", () => {
  const given = inBrowser(["--lifetime", "3", "--config", "chat:connectRate=1000"]);

  test("lose, duplicate and reorder nothing", async () => {
    const { profile, url } = given;
    const ana = await profile.signIn(url, "Ana", "handover");
    const bob = await profile.signIn(url, "Bob", "handover");
    const texts = Array.from({ length: 30 }, (_, i) => `${i}`);
    for (const text of texts) {
      await say(ana, text);
      await ana.waitForTimeout(300);
    }
    await expect.poll(() => textsOf(bob), { timeout: 30_000 }).toEqual(texts);
    expect(await textsOf(ana)).toEqual(texts);
    const ends = given.cloud.reports.filter(({ event }) => event === "disconnected");
    expect(ends.length).toBeGreaterThan(3);
  });
});

describe.skipIf(!hasBrowser)("a page in the background", () => {
  const given = inBrowser();

  test("counts unread messages in other rooms and shows where new messages begin", async () => {
    const { profile, url } = given;
    const ana = await profile.signIn(url, "Ana", "first");
    await say(ana, "mine");
    await ana.goto(`${url}/#/room/second`);
    await ana.getByText("Nothing has been said").waitFor();
    const bob = await profile.signIn(url, "Bob", "first");
    await say(bob, "one");
    await say(bob, "two");
    await ana.getByText("2 unread").waitFor();
    await expect.poll(() => ana.title()).toBe("(2) second · Serverless chat");

    await ana.bringToFront();
    await ana.goto(`${url}/#/room/first`);
    await ana.locator(".new + [data-seq]", { hasText: "one" }).waitFor();
    await expect.poll(() => ana.getByText("2 unread").count()).toBe(0);
    await bob.getByText("Read by Ana").waitFor();
  });

  test("shows the messages it has missed when it wakes after ten minutes", async () => {
    const { profile, url } = given;
    const ana = await profile.context.newPage();
    await ana.clock.install();
    await ana.goto(`${url}/#/room/sleep`);
    await ana.getByLabel("Your name").fill("Ana");
    await ana.getByRole("button", { name: "Start chatting" }).click();
    await ana.getByText("Nothing has been said").waitFor();
    const session = await profile.context.newCDPSession(ana);
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    const bob = await profile.signIn(url, "Bob", "sleep");
    for (const text of ["one", "two", "three"]) await say(bob, text);
    await expect.poll(() => textsOf(bob)).toEqual(["one", "two", "three"]);

    await session.send("Page.setWebLifecycleState", { state: "active" });
    // Throttled timers fire late and all at once.
    await ana.clock.fastForward("10:00");
    await expect.poll(() => textsOf(ana)).toEqual(["one", "two", "three"]);
    await say(ana, "awake");
    await expect.poll(() => textsOf(bob)).toEqual(["one", "two", "three", "awake"]);
  });

  test("has its draft and the new messages after it was left and reopened", async () => {
    const { profile, url } = given;
    const ana = await profile.signIn(url, "Ana", "back");
    await composerOf(ana).fill("half a thou");
    await ana.goto("about:blank");
    const bob = await profile.signIn(url, "Bob", "back");
    await say(bob, "meanwhile");
    await expect.poll(() => textsOf(bob)).toEqual(["meanwhile"]);
    await ana.goBack();
    await expect.poll(() => textsOf(ana)).toEqual(["meanwhile"]);
    expect(await composerOf(ana).inputValue()).toBe("half a thou");
    await composerOf(ana).press("Enter");
    await expect.poll(() => textsOf(bob)).toEqual(["meanwhile", "half a thou"]);
  });

  test("private rooms are for invited people", async () => {
    const { profile, url } = given;
    const ana = await profile.signIn(url, "Ana", "private-tea");
    const bob = await profile.context.newPage();
    await bob.goto(`${url}/#/room/private-tea`);
    await bob.getByLabel("Your name").fill("Bob");
    await bob.getByRole("button", { name: "Start chatting" }).click();
    await bob.getByText("This room is by invitation.").waitFor();

    await ana.getByRole("button", { name: /here$/ }).click();
    await ana.getByLabel("Invite someone").fill("Bob");
    await ana.getByRole("button", { name: "Invite", exact: true }).click();
    await ana.getByText("Bob can join now.").waitFor();
    await bob.reload();
    await bob.getByText("Nothing has been said").waitFor();
    await say(bob, "thanks");
    await expect.poll(() => textsOf(ana)).toEqual(["thanks"]);

    await ana.getByRole("button", { name: "Leave room" }).click();
    await expect.poll(() => ana.getByRole("link", { name: "private-tea" }).count()).toBe(0);
  });
});
