/**
 * A stack as on AWS, for browser tests: the built page with a config.json, and an OIDC issuer with a login page, a
 * session and refresh tokens. The chat behind it is a local cloud, whose own issuer signs the tokens.
 */
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { BrowserContext } from "playwright-core";
import { buildPage, contentSecurityPolicy } from "../../page.ts";
import type { LocalCloud } from "../localCloud.ts";
import { httpOf } from "./seededRoom.ts";

const CLIENT = "local";

interface Grant {
  user: string;
  challenge: string;
  redirectUri: string;
}

export class OidcSite {
  /** Lifetime of ID tokens in seconds. */
  lifetime = 3600;
  /** People whose tokens the issuer refuses to renew. */
  readonly revoked = new Set<string>();
  /** Number of issued tokens by grant type. */
  readonly counts: Record<string, number> = {};
  /** All issued tokens. */
  readonly tokens: string[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #codes = new Map<string, Grant>();
  readonly #refreshTokens = new Map<string, string>();
  readonly #page = buildPage(fileURLToPath(new URL("../..", import.meta.url)));
  #cloud: LocalCloud | undefined;

  static async start(): Promise<OidcSite> {
    const site = new OidcSite();
    await new Promise<void>((resolve) => site.#server.listen(0, "127.0.0.1", resolve));
    return site;
  }

  /** Origin of the page, and of the issuer's own pages. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** @param cloud a local cloud that allows this origin */
  connect(cloud: LocalCloud): void {
    this.#cloud = cloud;
  }

  /** Serves the discovery document at the issuer's URL, which belongs to the local cloud, to this browser only. */
  async publishIn(context: BrowserContext): Promise<void> {
    await context.route(`${this.#issuer}/.well-known/openid-configuration`, (route) =>
      route.fulfill({
        headers: { "access-control-allow-origin": "*" },
        json: {
          issuer: this.#issuer,
          authorization_endpoint: `${this.url}/authorize`,
          token_endpoint: `${this.url}/oauth-token`,
          end_session_endpoint: `${this.url}/logout`,
          id_token_signing_alg_values_supported: ["ES256"],
        },
      }),
    );
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get #issuer(): string {
    return httpOf(this.#cloud?.outputs.webSocketUrl as string);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url as string, this.url);
    const html = (body: string) => response.writeHead(200, { "content-type": "text/html" }).end(body);
    const json = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    const goTo = (location: string, headers: Record<string, string> = {}) =>
      response.writeHead(302, { location, ...headers }).end();
    const user = /session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
    switch (pathname) {
      case "/authorize": {
        const name = searchParams.get("login") ?? user;
        if (name === undefined) return void html(loginForm(searchParams));
        return void goTo(this.#grant(name, searchParams), { "set-cookie": `session=${name}; HttpOnly; Path=/` });
      }
      case "/logout":
        return void goTo(searchParams.get("logout_uri") as string, { "set-cookie": "session=; Max-Age=0; Path=/" });
      case "/oauth-token":
        return void (await this.#token(new URLSearchParams(await text(request)), json));
      case "/config.json": {
        const { webSocketUrl } = this.#cloud?.outputs ?? {};
        return void json(200, { webSocketUrl, signIn: { issuer: this.#issuer, clientId: CLIENT } });
      }
      default: {
        const file = (await this.#page).files.get(pathname === "/" ? "/index.html" : pathname);
        const connectTo = [`ws${this.#issuer.slice("http".length)}`, this.#issuer];
        response
          .writeHead(file === undefined ? 404 : 200, {
            "content-type": file?.contentType ?? "text/plain",
            "content-security-policy": contentSecurityPolicy(connectTo),
          })
          .end(file?.body);
      }
    }
  }

  #grant(user: string, parameters: URLSearchParams): string {
    const redirectUri = parameters.get("redirect_uri") as string;
    const back = new URL(redirectUri);
    back.searchParams.set("state", parameters.get("state") as string);
    if (user === "nobody") {
      back.searchParams.set("error", "access_denied");
      return back.href;
    }
    const code = randomUUID();
    const isFaultless = parameters.get("client_id") === CLIENT && parameters.get("code_challenge_method") === "S256";
    if (isFaultless)
      this.#codes.set(code, { user, challenge: parameters.get("code_challenge") as string, redirectUri });
    back.searchParams.set("code", code);
    return back.href;
  }

  async #token(body: URLSearchParams, json: (status: number, body: object) => void): Promise<void> {
    const type = body.get("grant_type") as string;
    this.counts[type] = (this.counts[type] ?? 0) + 1;
    const user = type === "authorization_code" ? this.#redeem(body) : this.#renewed(body);
    if (user === undefined) return json(400, { error: "invalid_grant" });
    const given = await fetch(`${this.#issuer}/.well-known/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ user, audience: CLIENT, expiresIn: this.lifetime }),
    });
    const { token } = (await given.json()) as { token: string };
    const refreshToken = randomUUID();
    this.#refreshTokens.set(refreshToken, user);
    this.tokens.push(token, refreshToken);
    json(200, { access_token: token, token_type: "Bearer", id_token: token, refresh_token: refreshToken });
  }

  /** The user of a code, which is valid once, and only with its verifier; undefined if it isn't valid. */
  #redeem(body: URLSearchParams): string | undefined {
    const code = body.get("code") as string;
    const grant = this.#codes.get(code);
    this.#codes.delete(code);
    const challenge = createHash("sha256")
      .update(body.get("code_verifier") ?? "")
      .digest("base64url");
    const isMeant = grant?.challenge === challenge && grant.redirectUri === body.get("redirect_uri");
    return isMeant ? grant.user : undefined;
  }

  #renewed(body: URLSearchParams): string | undefined {
    const user = this.#refreshTokens.get(body.get("refresh_token") as string);
    return user === undefined || this.revoked.has(user) ? undefined : user;
  }
}

function loginForm(parameters: URLSearchParams): string {
  const hidden = [...parameters].map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
  return `<!doctype html><title>Issuer</title><form action="/authorize">${hidden.join("")}
    <label>Login <input name="login"></label><button>Log in</button></form>`;
}
