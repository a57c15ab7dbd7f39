/** Tests the sign-in of a stack on AWS: through an OIDC issuer, with tokens kept only in the page's memory. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { composerOf, hasBrowser, launch, Profile, say, textsOf } from "./browser.ts";
import { OidcSite } from "./oidcSite.ts";

describe.skipIf(!hasBrowser)("signing in through an issuer", () => {
  let site: OidcSite;
  let cloud: LocalCloud;
  let browser: Browser;
  let profile: Profile;

  beforeAll(async () => {
    site = await OidcSite.start();
    const config = `chat:origins=${site.url}`;
    [cloud, browser] = await Promise.all([startLocalCloud(["--no-page", "--config", config]), launch()]);
    site.connect(cloud);
  });
  afterAll(async () => {
    await Promise.all([cloud?.stop(), browser?.close()]);
    site?.close();
  });
  beforeEach(async () => {
    site.lifetime = 3600;
    site.revoked.clear();
    profile = await Profile.open(browser);
    await site.publishIn(profile.context);
  });
  afterEach(async () => {
    await profile.context.close();
    expect(profile.problems).toEqual([]);
  });

  async function open(room: string): Promise<Page> {
    const page = await profile.context.newPage();
    await page.goto(`${site.url}/#/room/${room}`);
    return page;
  }

  async function logIn(page: Page, name: string): Promise<void> {
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Login").fill(name);
    await page.getByRole("button", { name: "Log in" }).click();
  }

  /** Waits until the page shows the link's room, which must be empty. */
  async function arrived(page: Page, room: string): Promise<void> {
    await page.getByText("Nothing has been said").waitFor();
    expect(page.url()).toBe(`${site.url}/#/room/${room}`);
  }

  test("leads back to the link's room and leaves no token in a URL or in storage", async () => {
    const addresses: string[] = [];
    profile.context.on("request", (request) => addresses.push(request.url()));
    const page = await open("tea");
    await logIn(page, "Ana");
    await arrived(page, "tea");
    await say(page, "hello");
    await expect.poll(() => textsOf(page)).toEqual(["hello"]);

    const stored = await page.evaluate(async () => {
      const databases = await indexedDB.databases();
      const rows = databases.map(async ({ name }) => {
        const opening = indexedDB.open(name as string);
        await new Promise((resolve) => opening.addEventListener("success", resolve));
        const stores = Array.from(opening.result.objectStoreNames);
        const all = stores.map((store) => {
          const asked = opening.result.transaction(store).objectStore(store).getAll();
          return new Promise((resolve) => asked.addEventListener("success", () => resolve(asked.result)));
        });
        return Promise.all(all);
      });
      return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, await Promise.all(rows)]);
    });
    expect(site.tokens.length).toBeGreaterThan(0);
    for (const token of site.tokens) {
      expect(stored).not.toContain(token);
      expect(addresses.filter((address) => address.includes(token))).toEqual([]);
    }
    expect(stored).not.toContain("verifier");
  });

  test("needs no click after a reload and keeps the draft", async () => {
    const page = await open("reload");
    await logIn(page, "Ana");
    await arrived(page, "reload");
    await composerOf(page).fill("half a thou");
    await page.reload();
    await arrived(page, "reload");
    expect(await composerOf(page).inputValue()).toBe("half a thou");
    await composerOf(page).press("Enter");
    await expect.poll(() => textsOf(page)).toEqual(["half a thou"]);
  });

  test("is requested again when the issuer's session has ended", async () => {
    const page = await open("ended");
    await logIn(page, "Ana");
    await arrived(page, "ended");
    await profile.context.clearCookies();
    await page.reload();
    await page.getByLabel("Login").fill("Bob");
    await page.getByRole("button", { name: "Log in" }).click();
    await arrived(page, "ended");
    await page.getByText("Bob", { exact: true }).first().waitFor();
  });

  test("lasts beyond a token's expiry without leaving the page", async () => {
    site.lifetime = 12;
    const page = await open("long");
    await logIn(page, "Ana");
    await arrived(page, "long");
    const before = site.counts.refresh_token ?? 0;
    await expect.poll(() => (site.counts.refresh_token ?? 0) - before, { timeout: 60_000 }).toBeGreaterThan(1);
    await say(page, "still here");
    await expect.poll(() => textsOf(page)).toEqual(["still here"]);
  });

  test("reports that the issuer refuses a renewal, and one click signs in again", async () => {
    site.lifetime = 12;
    // The browser logs the issuer's refusals as errors, which this makes the profile ignore.
    profile.isCut = true;
    const page = await open("revoked");
    await logIn(page, "Ana");
    await arrived(page, "revoked");
    site.revoked.add("Ana");
    const again = page.getByRole("button", { name: "Sign in again" });
    await again.waitFor({ timeout: 60_000 });
    site.revoked.clear();
    await again.click();
    await arrived(page, "revoked");
  });

  test("ends with signing out, here and at the issuer", async () => {
    const page = await open("out");
    await logIn(page, "Ana");
    await arrived(page, "out");
    await page.getByRole("button", { name: "Sign out" }).click();
    const signIn = page.getByRole("button", { name: "Sign in" });
    await signIn.waitFor();
    await page.reload();
    await signIn.click();
    await page.getByLabel("Login").waitFor();
  });

  test("explains a refusal by the issuer, without a redirect loop", async () => {
    const page = await open("refused");
    await logIn(page, "nobody");
    await page.getByRole("alert").getByText("Signing in failed").waitFor();
    expect(page.url()).toBe(`${site.url}/#/room/refused`);
    await page.reload();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  });

  test("ignores an answer to a request that the page hasn't made", async () => {
    const page = await profile.context.newPage();
    const before = site.counts.authorization_code ?? 0;
    await page.goto(`${site.url}/?code=stolen&state=forged`);
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(site.counts.authorization_code ?? 0).toBe(before);
    expect(page.url()).toBe(`${site.url}/`);
  });
});
