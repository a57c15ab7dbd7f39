/** Setup and cleanup of every browser test. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { launch, Profile } from "./browser.ts";

export interface BrowserTest {
  cloud: LocalCloud;
  /** URL of the page. */
  url: string;
  browser: Browser;
  /** A new browser profile for each test. */
  profile: Profile;
}

/** Starts a local cloud and a browser for a block of tests. No test may leave a console error behind. */
export function inBrowser(args: string[] = []): BrowserTest {
  const given = {} as BrowserTest;
  beforeAll(async () => {
    [given.cloud, given.browser] = await Promise.all([startLocalCloud(args), launch()]);
    given.url = (await given.cloud.waitFor("ready")).page as string;
  });
  afterAll(() => Promise.all([given.cloud?.stop(), given.browser?.close()]));
  beforeEach(async () => {
    given.profile = await Profile.open(given.browser);
  });
  afterEach(async () => {
    await given.profile.context.close();
    expect(given.profile.problems).toEqual([]);
  });
  return given;
}
