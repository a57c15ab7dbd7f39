/** Tests the page's server on its own, without the cloud. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { LocalPage } from "../../local/page.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const args = { folder: ROOT, port: 0, issuerUrl: "http://127.0.0.1:1", report: () => {} };

const closes: (() => void)[] = [];
afterEach(() => {
  for (const close of closes.splice(0)) close();
});

async function started(more: Partial<typeof args> = {}): Promise<LocalPage> {
  const page = (await LocalPage.start({ ...args, ...more })) as LocalPage;
  closes.push(() => page.close());
  return page;
}

test("a program without page.ts has no page", async () => {
  const folder = await mkdtemp(`${tmpdir()}/chat-no-page-`);
  expect(await LocalPage.start({ ...args, folder })).toBeUndefined();
  await rm(folder, { recursive: true });
});

test("a request waits until the program has run, and gets the outputs", async () => {
  const page = await started();
  let isAnswered = false;
  const answer = fetch(`${page.url}/config.json`).then((response) => {
    isAnswered = true;
    return response.json();
  });
  // A request that doesn't need the outputs is answered in the meantime.
  expect((await fetch(page.url, { method: "DELETE" })).status).toBe(405);
  expect(isAnswered).toBe(false);
  page.open({ webSocketUrl: "ws://127.0.0.1:2/dev" });
  expect(await answer).toEqual({ webSocketUrl: "ws://127.0.0.1:2/dev", tokens: "/token" });
});

test("scripts and styles are named after their content and immutable; everything else is revalidated", async () => {
  const page = await started();
  page.open({ webSocketUrl: "ws://127.0.0.1:2/dev" });
  const html = await fetch(page.url);
  expect(html.headers.get("cache-control")).toBe("no-cache");
  const text = await html.text();
  const assets = [...text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path as string);
  expect(assets.map((path) => path.replace(/-\w+\./, "."))).toEqual(["/assets/style.css", "/assets/app.js"]);
  for (const path of assets) {
    const asset = await fetch(page.url + path);
    expect([asset.status, asset.headers.get("cache-control")]).toEqual([200, "max-age=31536000, immutable"]);
  }
  expect(text).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
  expect((await fetch(`${page.url}/assets/../../package.json`)).status).toBe(404);
});

test("a page that starts listening after a save is told about it", async () => {
  const folder = await mkdtemp(`${tmpdir()}/chat-page-`);
  const source = join(folder, "style.css");
  const module = `import { readFileSync } from "node:fs";
    export async function buildPage(folder) {
      const style = readFileSync(folder + "/style.css", "utf8");
      const file = (body, contentType) => ({ body, contentType, isImmutable: false });
      const files = [["/index.html", file("<head></head>", "text/html")], ["/" + style + ".css", file(style, "text/css")]];
      return { files: new Map(files), sources: new Set([folder + "/style.css"]) };
    }
    export const contentSecurityPolicy = () => "default-src 'none'";`;
  await writeFile(join(folder, "page.ts"), module);
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(source, "one");
  const page = await started({ folder });
  page.open({});
  expect(await (await fetch(page.url)).text()).toBe(
    '<head><script type="module" src="/page-changes.js"></script></head>',
  );
  await writeFile(source, "two");
  page.saved(source);
  const { body } = await fetch(`${page.url}/changes`);
  const { value } = await (body as ReadableStream<Uint8Array>).getReader().read();
  expect(Buffer.from(value as Uint8Array).toString()).toBe('data: {"style":"/two.css"}\n\n');
  await rm(folder, { recursive: true });
});

test("a page falls back to another port if its own is in use", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  closes.push(() => taken.close());
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  const page = await started({ port });
  expect(new URL(page.url).port).not.toBe(String(port));
});
