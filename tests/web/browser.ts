/** A real browser for tests, and pages that are signed in to a local cloud. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Whether there is a browser. Tests are skipped without one. */
export const hasBrowser = existsSync(EXECUTABLE);
if (!hasBrowser) console.warn(`There is no ${EXECUTABLE}: install chromium, or name another one in CHROMIUM`);

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    chromiumSandbox: false,
    args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"],
  });
}

/** Messages that the browser itself logs when a test disconnects the network. */
const NETWORK = /WebSocket connection to|net::ERR_|Failed to load resource/;

/** A browser profile whose pages record problems that no page may have. */
export class Profile {
  readonly context: BrowserContext;
  /** Console errors, uncaught errors and reports of the Content-Security-Policy. */
  readonly problems: string[] = [];
  /** Whether the test has disconnected the network. */
  isCut = false;

  private constructor(context: BrowserContext) {
    this.context = context;
  }

  static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<Profile> {
    const context = await browser.newContext({ locale: "en-US", ...options });
    const profile = new Profile(context);
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => {
        console.error("CSP", violatedDirective, blockedURI, sample);
      });
    });
    const note = (problem: string) => {
      if (!(profile.isCut && NETWORK.test(problem))) profile.problems.push(problem);
    };
    context.on("page", (page) => {
      page.on("console", (message) => message.type() === "error" && note(message.text()));
      page.on("pageerror", (error) => note(error.message));
    });
    return profile;
  }

  /** Opens the page and signs in as a user would. */
  async signIn(url: string, name: string, room = "lobby"): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`${url}/#/room/${encodeURIComponent(room)}`);
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Start chatting" }).click();
    await roomLoaded(page);
    return page;
  }
}

/** Waits until a room is shown with its messages. */
export async function roomLoaded(page: Page): Promise<void> {
  // Before the room is shown, nothing is loading, so the check below would pass too early.
  await composerOf(page).waitFor();
  await page.getByText("Loading messages").waitFor({ state: "detached" });
}

export function composerOf(page: Page) {
  return page.locator(".composer textarea");
}

export async function say(page: Page, text: string): Promise<void> {
  await composerOf(page).fill(text);
  await composerOf(page).press("Enter");
}

/** The displayed messages, oldest first, excluding unacknowledged ones. */
export function textsOf(page: Page): Promise<string[]> {
  // Elements out of view have no inner text.
  return page.locator("[data-seq] .text").allTextContents();
}
