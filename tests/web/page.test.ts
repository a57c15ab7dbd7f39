/** A quick look at the page in a real browser. The rest is in the files that end with `.long.ts`. */
import { describe, expect, test } from "vitest";
import { hasBrowser, say, textsOf } from "./browser.ts";
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

  test("only its own origin may connect, and only it gets tokens", async () => {
    const { cloud, url } = given;
    const { webSocketUrl } = cloud.outputs as { webSocketUrl: string };
    const foreign = await fetch(`${url}/token`, { method: "POST", headers: { origin: "https://evil.example" } });
    expect(foreign.status).toBe(403);
    const localhost = await fetch(url.replace("127.0.0.1", "localhost"), { redirect: "manual" });
    expect([localhost.status, localhost.headers.get("location")]).toEqual([308, `${url}/`]);
    const page = await fetch(url);
    expect(page.headers.get("content-security-policy")).toContain(
      `connect-src 'self' ${new URL(webSocketUrl).origin};`,
    );
  });
});
