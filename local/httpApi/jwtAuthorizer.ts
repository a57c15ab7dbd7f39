/**
 * Authorizers that accept an issuer's tokens: JWT authorizers of HTTP APIs, and Cognito authorizers of REST APIs. The
 * tokens of the program's user pools come from the local issuer.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
 */
import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import type { HttpBackend } from "./backend.ts";
import type { JwtAuthorizer } from "./definition.ts";
import type { Admission, Guarded } from "./guarded.ts";
import { identityOf } from "./identitySource.ts";
import { errorResponse, type HttpResponse } from "./response.ts";

/** Algorithms that API Gateway accepts. The local issuer's tokens may also use ES256, which is faster. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

export async function admitToken(
  backend: HttpBackend,
  authorizer: JwtAuthorizer,
  guarded: Guarded,
): Promise<Admission> {
  const { http, place, matched } = guarded;
  const isRest = place.api.kind === "REST";
  const [source = ""] = authorizer.identitySources;
  const token = identityOf(source, http, place).replace(/^Bearer\s+/i, "");
  if (token === "") return { refusal: refusal(401, "Unauthorized", isRest), why: `${source} is missing` };
  const { scopes } = matched.route;
  try {
    const claims = await claimsOf(token, backend, authorizer);
    const granted = scopesOf(claims);
    if (isRest) {
      // A route with scopes needs an access token, which carries scopes; any other route needs an ID token.
      const expected = scopes.length > 0 ? "access" : "id";
      if (claims.token_use !== expected) throw new Error(`an ${expected} token is expected`);
    }
    if (scopes.length > 0 && !scopes.some((scope) => granted.includes(scope))) {
      const why = `the token has none of the scopes ${scopes.join(", ")}`;
      if (isRest) return { refusal: refusal(401, "Unauthorized", isRest), why };
      return { refusal: refusal(403, "Forbidden", isRest, 'error="insufficient_scope"'), why };
    }
    const shown = { claims: shownClaims(claims) };
    const jwt = { ...shown, scopes: scopes.length === 0 ? null : granted };
    return { identity: { version1: isRest ? shown : jwt, version2: { jwt } } };
  } catch (error) {
    const message = isRest && error instanceof errors.JWTExpired ? "The incoming token has expired" : "Unauthorized";
    return { refusal: refusal(401, message, isRest, 'error="invalid_token"'), why: (error as Error).message };
  }
}

/** @throws Error saying why the token is refused */
async function claimsOf(
  token: string,
  backend: HttpBackend,
  { issuers, audiences }: JwtAuthorizer,
): Promise<JWTPayload> {
  const { iss } = decodeJwt(token);
  const stoodFor = issuers.some((issuer) => isLocal(issuer, backend));
  const isOfLocalIssuer = stoodFor && iss === backend.issuerUrl;
  if (!isOfLocalIssuer && (iss === undefined || !issuers.includes(iss)))
    throw new Error("the token comes from another issuer");
  const { payload } = await jwtVerify(token, keysOf(iss as string, backend), {
    algorithms: isOfLocalIssuer ? [...ALGORITHMS, "ES256"] : ALGORITHMS,
    requiredClaims: ["exp"],
  });
  if (audiences.length === 0) return payload;
  const { aud = payload.client_id } = payload;
  if ([aud].flat().some((one) => audiences.includes(String(one)))) return payload;
  throw new Error(`the token is for ${[aud].flat().join(", ")}, and not for ${audiences.join(", ")}`);
}

/** Whether an issuer is the local one, either by its own URL or as a user pool of the program. */
function isLocal(issuer: string, { issuerUrl, userPools }: HttpBackend): boolean {
  const [, pool = ""] = /^https:\/\/cognito-idp\.[\w-]+\.amazonaws\.com\/(.+)$/.exec(issuer) ?? [];
  return issuer.replace(/\/$/, "") === issuerUrl || userPools.has(pool);
}

type Keys = ReturnType<typeof createRemoteJWKSet>;

/** For each local cloud, the keys of each issuer: two local clouds have different keys, even at the same URL. */
const knownKeys = new WeakMap<HttpBackend, Map<string, Promise<Keys>>>();

/** Returns a function that finds a token's key among those that an issuer publishes. */
function keysOf(
  issuer: string,
  backend: HttpBackend,
): (...args: Parameters<Keys>) => Promise<Awaited<ReturnType<Keys>>> {
  const keysOfIssuers = knownKeys.get(backend) ?? new Map<string, Promise<Keys>>();
  knownKeys.set(backend, keysOfIssuers);
  return async (header, token) => {
    const known = keysOfIssuers.get(issuer) ?? discover(issuer);
    keysOfIssuers.set(issuer, known);
    // An issuer that couldn't be reached is asked again next time.
    known.catch(() => keysOfIssuers.delete(issuer));
    return (await known)(header, token);
  };
}

async function discover(issuer: string): Promise<Keys> {
  const response = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const { jwks_uri } = (await response.json()) as { jwks_uri?: string };
  if (jwks_uri === undefined) throw new Error(`the issuer ${issuer} publishes no keys`);
  return createRemoteJWKSet(new URL(jwks_uri));
}

function scopesOf({ scope, scp }: JWTPayload): string[] {
  const granted = scope ?? scp;
  return Array.isArray(granted) ? granted.map(String) : typeof granted === "string" ? granted.split(" ") : [];
}

/** Converts claims to text, because API Gateway passes only text to functions. A list becomes text in brackets. */
function shownClaims(claims: JWTPayload): Record<string, string> {
  const shown = Object.entries(claims).map(([name, value]) => [
    name,
    Array.isArray(value) ? `[${value.join(" ")}]` : String(value),
  ]);
  return Object.fromEntries(shown);
}

/** Refuses a request. An HTTP API gives the reason in a header. */
function refusal(status: number, message: string, isRest: boolean, reason?: string): HttpResponse {
  const response = errorResponse(status, message);
  if (isRest) return response;
  const challenge = reason === undefined ? "Bearer" : `Bearer ${reason}`;
  return { ...response, headers: { ...response.headers, "www-authenticate": challenge } };
}
