/** Tests what happens when the page's files are saved while people have the page open. */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { composerOf, hasBrowser, textsOf } from "./browser.ts";
import { inBrowser } from "./browserTest.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The program's files and folders. */
const SOURCES = [
  ...[
    "Pulumi.yaml",
    "Pulumi.dev.yaml",
    "package.json",
    "tsconfig.json",
    "tsconfig.pulumi.json",
    "index.ts",
    "config.ts",
    "page.ts",
  ],
  ...["cache", "callbacks", "chat", "client", "components", "handlers", "iam", "protocol", "react", "settings", "web"],
];

describe.skipIf(!hasBrowser)("a save", () => {
  const args = ["--watch"];
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "saves-"));
    const isSource = (path: string) => !path.includes("node_modules", ROOT.length);
    await mkdir(folder, { recursive: true });
    for (const source of SOURCES) {
      await cp(join(ROOT, source), join(folder, source), { recursive: true, filter: isSource });
    }
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    args.push("--program", folder);
  });
  const given = inBrowser(args);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function edit(file: string, text: string, replacement: string): Promise<void> {
    const before = await readFile(join(folder, file), "utf8");
    expect(before).toContain(text);
    await writeFile(join(folder, file), before.replace(text, replacement));
  }

  const mark = (page: Page) => page.evaluate(() => Object.assign(window, { isTheSame: true }));
  const isTheSame = (page: Page) => page.evaluate(() => "isTheSame" in window);

  test("of a style is visible at once in every tab, without a reload", async () => {
    const { profile, url } = given;
    const pages = [await profile.signIn(url, "Ana", "styles"), await profile.signIn(url, "Bob", "styles")];
    for (const page of pages) await mark(page);
    await edit("web/styles/base.css", "body {", "body { --saved: yes;");
    for (const page of pages) {
      await page.waitForFunction(() => getComputedStyle(document.body).getPropertyValue("--saved") === "yes");
      await expect.poll(() => page.locator("link[rel=stylesheet]").count()).toBe(1);
      expect(await isTheSame(page)).toBe(true);
    }
  });

  test("of code reloads the page, and the draft stays", async () => {
    const { profile, url } = given;
    const page = await profile.signIn(url, "Ana", "code");
    await composerOf(page).fill("half a thou");
    await edit("web/language/en.ts", "Nothing has been said here yet.", "Silence so far.");
    await page.getByText("Silence so far.").waitFor();
    expect(await composerOf(page).inputValue()).toBe("half a thou");
    await composerOf(page).press("Enter");
    await expect.poll(() => textsOf(page)).toEqual(["half a thou"]);
  });

  test("that can't be built leaves the page as it is and reports why; the next save is applied", async () => {
    const { cloud, profile, url } = given;
    const page = await profile.signIn(url, "Ana", "broken");
    await mark(page);
    await edit("web/language/en.ts", "Silence so far.", 'Silence"');
    const { message } = await cloud.waitFor("error");
    expect(message).toContain("web/language/en.ts");
    expect(await isTheSame(page)).toBe(true);
    await edit("web/language/en.ts", 'Silence"', "Quiet so far.");
    await page.getByText("Quiet so far.").waitFor();
  });
});
