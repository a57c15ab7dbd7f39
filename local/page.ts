/**
 * The program's page, if it has one: `web/page.ts` in its folder builds the files, and this serves them on a port of their
 * own, so that the page has an origin of its own as it has on AWS. Nothing is built before somebody opens it.
 */
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { listen } from "./endpoint/server.ts";
import { bodyOf } from "./endpoint/signature.ts";
import type { Reporter } from "./report.ts";

/** What `web/page.ts` exports. */
interface PageModule {
  buildPage(): Promise<Map<string, { body: string | Uint8Array; contentType: string; isImmutable: boolean }>>;
  contentSecurityPolicy(connectTo: string[]): string;
}

export interface PageArgs {
  /** Folder of the program. */
  folder: string;
  /** Tried first; 0 takes any that is free. */
  port: number;
  /** Where the local issuer answers. */
  issuerUrl: string;
  report: Reporter;
}

const FORWARDED_MS = 5_000;

export class LocalPage {
  readonly #args: PageArgs;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  /** The program's outputs: until it has run, requests wait for them. */
  readonly #outputs = Promise.withResolvers<Record<string, unknown>>();
  #files: ReturnType<PageModule["buildPage"]> | undefined;

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

  /** The program has run: the page may connect. */
  open(outputs: Record<string, unknown>): void {
    this.#outputs.resolve(outputs);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, headers } = request;
    const { pathname } = new URL(request.url ?? "/", this.url);
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
      // Another name that leads here would be another origin, which the chat refuses; a hostile one could read tokens.
      if (headers.host !== new URL(this.url).host) {
        return void give(308, "text/plain", "", { location: `${this.url}${request.url ?? "/"}` });
      }
      if (pathname === "/token" && method === "POST") {
        if (headers.origin !== undefined && headers.origin !== this.url) return void give(403, "text/plain", "");
        const { status, body } = await this.#token(await bodyOf(request));
        return void give(status, "application/json", body);
      }
      if (method !== "GET" && method !== "HEAD") return void give(405, "text/plain", "");
      const outputs = await this.#outputs.promise;
      if (pathname === "/config.json") {
        return void give(200, "application/json", JSON.stringify({ ...outputs, tokens: "/token" }));
      }
      const page: PageModule = await import(pathToFileURL(moduleOf(this.#args.folder)).href);
      const path = pathname === "/" ? "/index.html" : pathname;
      // A reload shows what was saved.
      if (path === "/index.html") this.#files = undefined;
      this.#files ??= page.buildPage();
      const file = (await this.#files).get(path);
      if (file === undefined) return void give(404, "text/plain", "not found");
      give(200, file.contentType, file.body, {
        "content-security-policy": page.contentSecurityPolicy(Object.values(outputs).flatMap(webSocketOrigin)),
        ...(file.isImmutable ? { "cache-control": "max-age=31536000, immutable" } : {}),
      });
    } catch (error) {
      this.#files = undefined;
      this.#args.report({ event: "error", message: `the page can't be served: ${(error as Error).message}` });
      if (!response.headersSent) give(500, "text/plain", `The page can't be served:\n${(error as Error).message}`);
    }
  }

  /** Asks the local issuer, which no page of another origin may ask. */
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
  return join(folder, "web", "page.ts");
}

function webSocketOrigin(output: unknown): string[] {
  const url = typeof output === "string" ? URL.parse(output) : null;
  return url !== null && /^wss?:$/.test(url.protocol) ? [`${url.protocol}//${url.host}`] : [];
}
