/** Two people talk through the page, in a real browser. */
import { describe, expect, test } from "vitest";
import { hasBrowser, roomLoaded, say, textsOf } from "./browser.ts";
import { inBrowser } from "./browserTest.ts";

describe.skipIf(!hasBrowser)("the page", () => {
  const given = inBrowser();

  test("two people talk, react, reply, edit and delete", async () => {
    const { profile, url } = given;
    const ana = await profile.signIn(url, "Ana", "two");
    const bob = await profile.signIn(url, "Bob", "two");

    await say(ana, "hello");
    const received = bob.locator("[data-seq]", { hasText: "hello" });
    await received.hover();
    await bob.getByRole("button", { name: "React", exact: true }).click();
    await bob.getByRole("button", { name: "React with 🎉" }).click();
    await ana.getByRole("button", { name: "🎉 1 from Bob" }).waitFor();

    await received.hover();
    await bob.getByRole("button", { name: "Reply" }).click();
    await say(bob, "hi yourself");
    await ana.getByRole("button", { name: "In reply to Ana" }).waitFor();

    await ana.locator("[data-seq]", { hasText: "hello" }).first().hover();
    await ana.getByRole("button", { name: "Edit" }).click();
    await say(ana, "hello there");
    await bob.getByText("hello there").first().waitFor();

    await bob.locator("[data-seq]", { hasText: "hi yourself" }).hover();
    await bob.getByRole("button", { name: "Delete" }).click();
    await bob.getByRole("button", { name: "Delete", exact: true }).click();
    await ana.getByText("This message was deleted.").waitFor();
    expect(await textsOf(ana)).toEqual(["hello thereedited", "This message was deleted."]);
  });

  test("follows a link that was clicked as soon as it appeared", async () => {
    const { profile, url } = given;
    const page = await profile.signIn(url, "Ana", "first");
    // Runs before the effects of the page's first rendering.
    await page.addInitScript(() => {
      const observer = new MutationObserver(() => {
        if (document.querySelector(".composer") === null) return;
        observer.disconnect();
        location.hash = "#/room/second";
      });
      observer.observe(document, { childList: true, subtree: true });
    });
    await page.reload();
    await page.getByRole("heading", { name: "second" }).waitFor();
    await roomLoaded(page);
    await say(page, "here");
    await expect.poll(() => textsOf(page)).toEqual(["here"]);
  });
});
