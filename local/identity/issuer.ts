/**
 * An OIDC issuer for local use: discovery, keys, and tokens for any name. Its paths are under `/.well-known/`, which
 * can't be the name of an API's stage.
 */
import { createHash } from "node:crypto";
import type { RequestListener } from "node:http";
import { OAuth2Issuer, OAuth2Service } from "oauth2-mock-server";

/** Claims of a token. Any of them may be invalid on purpose, to test refusals. */
export interface TokenRequest {
  /** `sub`, the owner of the token. */
  user: string;
  /** Display name; "" omits it. @default the user */
  name?: string;
  /** @default local */
  audience?: string;
  /** Seconds until the token expires; a negative number gives an expired token. @default 3600 */
  expiresIn?: number;
  /** `other` signs with an unpublished key, under the id of the published one. @default published */
  key?: "published" | "other";
}

/** Default `aud` of the issuer's tokens. */
export const AUDIENCE = "local";

const FOR_PROGRAMS =
  "tokens without a password are only for programs, not for pages: request one on your page's server, or sign in at " +
  "/.well-known/oauth2/authorize";

export interface LocalIssuer {
  /** Answers everything under `/.well-known/`. */
  handle: RequestListener;
}

/** Derives a UUID from a name, so that a person has the same UUID in every token. */
function uuidOf(user: string): string {
  const hex = createHash("sha256").update(user).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/** The reason why a body isn't a {@link TokenRequest}; undefined if it is one. */
function faultOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return 'no JSON object was received: send one such as {"user":"ana"}, with the header content-type: application/json';
  }
  const { user, name = "", audience = "", expiresIn = 0, key } = body as Partial<Record<keyof TokenRequest, unknown>>;
  if (typeof user !== "string" || user === "") return "user: a name is expected";
  if (typeof name !== "string") return "name: a string is expected";
  if (typeof audience !== "string") return "audience: a string is expected";
  if (!Number.isSafeInteger(expiresIn)) return "expiresIn: a whole number of seconds is expected";
  if (key !== undefined && key !== "published" && key !== "other") return 'key: "published" or "other" is expected';
  return undefined;
}

/**
 * Starts an issuer that issues tokens for any name without a password, which is safe because it listens on loopback
 * only.
 */
export async function startIssuer(url: string): Promise<LocalIssuer> {
  const [issuer, impostor] = [new OAuth2Issuer(), new OAuth2Issuer()];
  issuer.url = url;
  impostor.url = url;
  const { kid } = await issuer.keys.generate("ES256");
  await impostor.keys.generate("ES256", { kid });
  const service = new OAuth2Service(issuer, {
    jwks: "/.well-known/jwks.json",
    token: "/.well-known/oauth2/token",
    authorize: "/.well-known/oauth2/authorize",
    userinfo: "/.well-known/oauth2/userinfo",
    revoke: "/.well-known/oauth2/revoke",
    endSession: "/.well-known/oauth2/logout",
    introspect: "/.well-known/oauth2/introspect",
  });
  service.addRoute("POST", "/.well-known/tokens", async (request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    // Browsers send the origin of the page that makes the request, and any page on the web could make one.
    if (request.headers.origin !== undefined) return void answer(403, { message: FOR_PROGRAMS });
    const message = faultOf(request.body);
    if (message !== undefined) return void answer(400, { message });
    const { user, name = user, audience = AUDIENCE, expiresIn = 3600, key } = request.body as unknown as TokenRequest;
    const token = await (key === "other" ? impostor : issuer).buildToken({
      expiresIn,
      scopesOrTransform: (_, payload) => {
        // Cognito's format: the username of a person who signs in with an email address is a UUID.
        Object.assign(payload, {
          sub: user,
          aud: audience,
          token_use: "id",
          auth_time: payload.iat,
          "cognito:username": uuidOf(user),
          email: `${encodeURIComponent(user)}@example.com`,
          email_verified: true,
          ...(name === "" ? {} : { name }),
        });
        // Even an expired token was issued before it expired.
        if (expiresIn < 0) payload.iat = payload.nbf = payload.exp - 3600;
      },
    });
    answer(200, { token });
  });
  return { handle: service.requestHandler };
}
