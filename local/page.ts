/**
 * Serves the page of a program that has a `page.ts` in its folder, which builds the page's files. The page has its own
 * port and thus its own origin, as on AWS. Nothing is built until somebody opens the page. Open pages update when files
 * are saved.
 */
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { listen } from "./endpoint/server.ts";
import { bodyOf } from "./endpoint/signature.ts";
import { PAGE_SCRIPT, pageChange } from "./reload/pageScript.ts";
import type { Reporter } from "./report.ts";

/** The exports of `page.ts`. */
interface PageModule {
  /** @param folder the program's folder */
  buildPage(folder: string): Promise<BuiltPage>;
  contentSecurityPolicy(connectTo: string[]): string;
}

interface BuiltPage {
  files: Map<string, { body: string | Uint8Array; contentType: string; isImmutable: boolean }>;
  /** Absolute paths of its source files. */
  sources: Set<string>;
}

export interface PageArgs {
  /** Folder of the program. */
  folder: string;
  /** The first port to try; 0 picks any free port. */
  port: number;
  /** URL of the local issuer. */
  issuerUrl: string;
  report: Reporter;
}

const FORWARDED_MS = 5_000;
/** Pause between the last change and the build, because editors write a file in steps, and several files at once. */
const SETTLES_MS = 30;
const SCRIPT_PATH = "/page-changes.js";

export class LocalPage {
  readonly #args: PageArgs;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  /** The program's outputs. Requests wait for them until the program has run. */
  readonly #outputs = Promise.withResolvers<Record<string, unknown>>();
  #built: Promise<BuiltPage> | undefined;
  /** Whether a file was saved while no page was listening. */
  #isOutdated = false;
  /** Pages that listen for changes. */
  readonly #listeners = new Set<ServerResponse>();
  #timer: NodeJS.Timeout | undefined;
  /** Builds run one after another, so that the last one wins. */
  #rebuilt = Promise.resolve();

  private constructor(args: PageArgs) {
    this.#args = args;
  }

  /** @returns undefined if the program has no page */
  static async start(args: PageArgs): Promise<LocalPage | undefined> {
    if (!existsSync(moduleOf(args.folder))) return undefined;
    const page = new LocalPage(args);
    try {
      await listen(page.#server, args.port);
    } catch {
      await listen(page.#server, 0);
    }
    return page;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Called when the program has run, so that the page can connect. */
  open(outputs: Record<string, unknown>): void {
    this.#outputs.resolve(outputs);
  }

  /** Handles a file that was written, created, renamed or deleted: if the page uses it, open pages update. */
  saved(path: string): void {
    void this.#built?.then(
      ({ sources }) => {
        if (!sources.has(path)) return;
        if (this.#listeners.size > 0) this.#rebuildSoon();
        else this.#isOutdated = true;
      },
      () => {
        // A failed build is repeated when the page is opened.
      },
    );
  }

  #rebuildSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#rebuilt = this.#rebuilt.then(() => this.#rebuild());
    }, SETTLES_MS);
  }

  /** Builds the page again. A failed build leaves open pages unchanged. */
  async #rebuild(): Promise<void> {
    if (this.#built === undefined) return;
    const started = performance.now();
    try {
      const before = await this.#built;
      const page: PageModule = await import(pathToFileURL(moduleOf(this.#args.folder)).href);
      const built = await page.buildPage(this.#args.folder);
      const change = pageChange(before.files, built.files);
      this.#built = Promise.resolve(built);
      if (change === undefined) return;
      for (const listener of this.#listeners) listener.write(`data: ${JSON.stringify(change)}\n\n`);
      const what = "style" in change ? "the page's styles" : "the page";
      this.#args.report({ event: "reloaded", what: [what], ms: Math.round(performance.now() - started) });
    } catch (error) {
      this.#args.report({ event: "error", message: `the page can't be built: ${(error as Error).message}` });
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, headers } = request;
    const [pathname = "/"] = (request.url ?? "/").split("?", 1);
    const give = (status: number, contentType: string, body: string | Uint8Array, more: Record<string, string> = {}) =>
      response
        .writeHead(status, {
          "content-type": contentType,
          "cache-control": "no-cache",
          "x-content-type-options": "nosniff",
          "referrer-policy": "no-referrer",
          "cross-origin-opener-policy": "same-origin",
          "cross-origin-resource-policy": "same-origin",
          ...more,
        })
        .end(body);
    try {
      // Redirects from any other hostname that leads to this address. It would be another origin: the chat refuses its
      // connections, and if the hostname is hostile, its page could read tokens.
      if (headers.host !== new URL(this.url).host) {
        return void give(308, "text/plain", "", { location: `${this.url}${request.url ?? "/"}` });
      }
      if (pathname === "/token" && method === "POST") {
        if (headers.origin !== undefined && headers.origin !== this.url) return void give(403, "text/plain", "");
        const { status, body } = await this.#token(await bodyOf(request));
        return void give(status, "application/json", body);
      }
      if (method !== "GET" && method !== "HEAD") return void give(405, "text/plain", "");
      if (pathname === SCRIPT_PATH) return void give(200, "text/javascript; charset=utf-8", PAGE_SCRIPT);
      if (pathname === "/changes") return this.#listen(response);
      const outputs = await this.#outputs.promise;
      if (pathname === "/config.json") {
        return void give(200, "application/json", JSON.stringify({ ...outputs, tokens: "/token" }));
      }
      const page: PageModule = await import(pathToFileURL(moduleOf(this.#args.folder)).href);
      const path = pathname === "/" ? "/index.html" : pathname;
      // Builds again, so that a reload shows what was saved.
      if (path === "/index.html") {
        this.#built = undefined;
        this.#isOutdated = false;
      }
      this.#built ??= page.buildPage(this.#args.folder);
      const file = (await this.#built).files.get(path);
      if (file === undefined) return void give(404, "text/plain", "not found");
      give(200, file.contentType, path === "/index.html" ? withScript(file.body) : file.body, {
        "content-security-policy": page.contentSecurityPolicy(Object.values(outputs).flatMap(webSocketUrls)),
        ...(file.isImmutable ? { "cache-control": "max-age=31536000, immutable" } : {}),
      });
    } catch (error) {
      if (request.destroyed && !request.complete) return;
      this.#built = undefined;
      this.#args.report({ event: "error", message: `the page can't be served: ${(error as Error).message}` });
      if (!response.headersSent) give(500, "text/plain", `The page can't be served:\n${(error as Error).message}`);
    }
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" }).flushHeaders();
    this.#listeners.add(response);
    if (this.#isOutdated) this.#rebuildSoon();
    this.#isOutdated = false;
    response.once("close", () => this.#listeners.delete(response));
  }

  /**
   * Forwards a token request to the local issuer, because the page's Content-Security-Policy doesn't let the page call
   * the issuer.
   */
  async #token(body: Buffer): Promise<{ status: number; body: string }> {
    const response = await fetch(`${this.#args.issuerUrl}/.well-known/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(FORWARDED_MS),
    });
    return { status: response.status, body: await response.text() };
  }
}

function moduleOf(folder: string): string {
  return join(folder, "page.ts");
}

function withScript(html: string | Uint8Array): string {
  const script = `<script type="module" src="${SCRIPT_PATH}"></script>`;
  return Buffer.from(html).toString().replace("</head>", `${script}</head>`);
}

function webSocketUrls(output: unknown): string[] {
  const url = typeof output === "string" ? URL.parse(output) : null;
  return url !== null && /^wss?:$/.test(url.protocol) ? [url.href] : [];
}
