/** Unsent messages survive reloads, a lost network, and a server that crashes. */
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { composerOf, hasBrowser, launch, Profile, say, textsOf } from "./browser.ts";
import { inBrowser } from "./browserTest.ts";

/** The first of two adjacent free ports. */
async function freePair(): Promise<number> {
  for (;;) {
    const first = await listening(0);
    const { port } = first.address() as AddressInfo;
    const second = await listening(port + 1).catch(() => undefined);
    for (const server of [first, second]) server?.close();
    if (second !== undefined) return port;
  }
}

function listening(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

/** Drops all messages that the page sends. @returns a function that ends this */
async function holdMessages(page: Page): Promise<() => void> {
  let isHeld = true;
  await page.routeWebSocket(/\/dev$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      if (!(isHeld && String(message).includes("sendMessage"))) server.send(message);
    });
  });
  return () => {
    isHeld = false;
  };
}

describe.skipIf(!hasBrowser)("unsent text", () => {
  const given = inBrowser();

  test("that wasn't acknowledged is sent after a reload, in order and once", async () => {
    const { profile, url } = given;
    const page = await profile.context.newPage();
    const release = await holdMessages(page);
    await page.goto(`${url}/#/room/unsent`);
    await page.getByLabel("Your name").fill("Ana");
    await page.getByRole("button", { name: "Start chatting" }).click();
    await page.getByText("Nothing has been said").waitFor();
    await say(page, "one");
    await say(page, "two");
    await expect.poll(() => page.getByText("Sending", { exact: true }).count()).toBe(2);

    release();
    await page.reload();
    await expect.poll(() => textsOf(page)).toEqual(["one", "two"]);
    const bob = await profile.signIn(url, "Bob", "unsent");
    expect(await textsOf(bob)).toEqual(["one", "two"]);
  });

  test("in a draft is there after a reload, in its room and for its author", async () => {
    const { profile, url } = given;
    const page = await profile.signIn(url, "Ana", "drafts");
    await composerOf(page).fill("half a thou");
    await page.reload();
    await expect.poll(() => composerOf(page).inputValue()).toBe("half a thou");
    await page.goto(`${url}/#/room/other`);
    await expect.poll(() => composerOf(page).inputValue()).toBe("");
    await page.goBack();
    await expect.poll(() => composerOf(page).inputValue()).toBe("half a thou");
    await say(page, "half a thought");
    await page.reload();
    await page.getByText("half a thought").waitFor();
    expect(await composerOf(page).inputValue()).toBe("");
  });

  test("waits without a network, and the page says so; with a network it is sent", async () => {
    const { profile, url } = given;
    const page = await profile.signIn(url, "Ana", "offline");
    profile.isCut = true;
    await profile.context.setOffline(true);
    await page.getByText("You're offline.").waitFor();
    await say(page, "from the tunnel");
    await page.getByText("1 message will be sent when you're back.").waitFor();
    await profile.context.setOffline(false);
    await expect.poll(() => textsOf(page), { timeout: 15_000 }).toEqual(["from the tunnel"]);
    await expect.poll(() => page.locator(".banner").textContent()).toBe("");
  });

  test("that was refused stays with its reason and can be sent again or discarded", async () => {
    const { profile, url } = given;
    const page = await profile.signIn(url, "Ana", "refused");
    await say(page, "original");
    await expect.poll(() => textsOf(page)).toEqual(["original"]);
    const row = page.locator("[data-seq]");
    await row.hover();
    await page.getByRole("button", { name: "React", exact: true }).click();
    await page.getByLabel("Another emoji").fill("no emoji");
    await page.getByLabel("Another emoji").press("Enter");
    await page.getByText("The chat didn't accept this.").waitFor();
    await page.getByRole("button", { name: "Discard" }).click();
    await expect.poll(() => page.getByText("The chat didn't accept this.").count()).toBe(0);
  });

  test("that is too long is reported while it is being written, isn't sent, and is kept", async () => {
    const { profile, url } = given;
    const page = await profile.signIn(url, "Ana", "long");
    await composerOf(page).fill("é".repeat(4_100));
    await page.getByText("This message is 8 bytes too long.").waitFor();
    await composerOf(page).press("Enter");
    expect((await composerOf(page).inputValue()).length).toBe(4_100);
    // A long word doesn't make anything wider than the window, not even the page's clipped content.
    expect((await composerOf(page).boundingBox())?.width).toBeLessThan(1_280);
    await composerOf(page).fill("é".repeat(4_096));
    await composerOf(page).press("Enter");
    await expect.poll(async () => (await textsOf(page))[0]?.length).toBe(4_096);
  });
});

describe.skipIf(!hasBrowser)("sending too fast", () => {
  const given = inBrowser(["--config", "chat:userRate=1", "--config", "chat:userBurst=2"]);

  test("shows how many seconds remain until sending continues, and everything arrives", async () => {
    const { profile, url } = given;
    const page = await profile.signIn(url, "Ana", "fast");
    const texts = Array.from({ length: 6 }, (_, i) => `message ${i}`);
    for (const text of texts) await say(page, text);
    await page.getByText(/You're sending too fast. Sending continues in \d+ s./).waitFor();
    await expect.poll(() => textsOf(page), { timeout: 30_000 }).toEqual(texts);
  });
});

describe.skipIf(!hasBrowser)("a server that crashes", () => {
  let folder: string;
  let cloud: LocalCloud;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "chat-page-"));
  });
  afterAll(async () => {
    await cloud?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("loses no acknowledged message, and the page continues when it is back", async () => {
    const browser = await launch();
    const profile = await Profile.open(browser);
    // The page's port is the next one. With fixed ports, the page's origin stays the same across the restart.
    const port = String(await freePair());
    cloud = await startLocalCloud(["--data", folder, "--port", port]);
    const url = (await cloud.waitFor("ready")).page as string;
    const page = await profile.signIn(url, "Ana", "killed");
    await say(page, "before");
    await expect.poll(() => textsOf(page)).toEqual(["before"]);

    profile.isCut = true;
    cloud.process.kill("SIGKILL");
    await cloud.ended;
    await page.getByText("Reconnecting…").waitFor();
    await say(page, "meanwhile");
    cloud = await startLocalCloud(["--data", folder, "--port", port]);

    await expect.poll(() => textsOf(page), { timeout: 60_000 }).toEqual(["before", "meanwhile"]);
    expect(profile.problems).toEqual([]);
    await browser.close();
  });
});
