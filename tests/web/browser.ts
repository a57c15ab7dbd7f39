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

/** What a browser itself logs about a network that a test has cut. */
const NETWORK = /WebSocket connection to|net::ERR_|Failed to load resource/;

/** A browser profile whose pages report what no page may have. */
export class Profile {
  readonly context: BrowserContext;
  /** Console errors, uncaught errors and reports of the Content-Security-Policy. */
  readonly problems: string[] = [];
  /** The test cuts the network. */
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

  /** Opens the page and signs in, as a person does. */
  async signIn(url: string, name: string, room = "lobby"): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`${url}/#/room/${encodeURIComponent(room)}`);
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Start chatting" }).click();
    await roomLoaded(page);
    return page;
  }
}

/** Waits until a room is there with its messages. */
export async function roomLoaded(page: Page): Promise<void> {
  // Before the room is there, nothing is loading either.
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

/** The messages that are shown, oldest first, without those that aren't acknowledged. */
export function textsOf(page: Page): Promise<string[]> {
  // What isn't in view has no inner text.
  return page.locator("[data-seq] .text").allTextContents();
}
