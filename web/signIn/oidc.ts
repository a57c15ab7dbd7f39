/**
 * Signs in through an OIDC issuer: authorization code with PKCE. Tokens are in memory only. After a reload the page
 * redirects to the issuer, whose session signs the person in again without a click.
 */
import { ChatError } from "@serverless-chat/client";
import * as oauth from "oauth4webapi";
import type { OidcConfig } from "../config.ts";

/** Key in the tab's storage for the sign-in in progress, while the tab is at the issuer's page. */
const REQUEST = "chat.signIn";
/** Key in the browser's storage that records that somebody is signed in. It doesn't say who, and grants nothing. */
const SIGNED_IN = "chat.signedIn";

interface SignInRequest {
  state: string;
  verifier: string;
  /** Hash of the page's URL, which names the open room. */
  hash: string;
}

/**
 * Signs in without a click, if the issuer's session allows it.
 *
 * @returns undefined if a click is needed
 * @throws Error if the issuer refuses
 */
export async function resumeSignIn(config: OidcConfig): Promise<OidcSession | undefined> {
  const request = takeRequest();
  const answer = new URLSearchParams(location.search);
  if (answer.has("state")) {
    // A reload must not present the code a second time.
    history.replaceState(null, "", `/${request?.hash ?? location.hash}`);
    try {
      if (request !== undefined) return await OidcSession.start(config, answer, request);
    } catch (error) {
      forget();
      throw error;
    }
  }
  if (localStorage.getItem(SIGNED_IN) === null) return undefined;
  return requestSignIn(config);
}

/** Redirects to the issuer's page, so this never returns. @throws Error if the issuer doesn't answer */
export async function requestSignIn(config: OidcConfig): Promise<never> {
  const { authorization_endpoint: endpoint } = await discover(config);
  if (endpoint === undefined) throw new Error(`the issuer ${config.issuer} has no authorization endpoint`);
  const request = { state: oauth.generateRandomState(), verifier: oauth.generateRandomCodeVerifier() };
  sessionStorage.setItem(REQUEST, JSON.stringify({ ...request, hash: location.hash } satisfies SignInRequest));
  leaveFor(endpoint, {
    response_type: "code",
    client_id: config.clientId,
    redirect_uri: pageUrl(),
    scope: "openid profile",
    state: request.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(request.verifier),
    code_challenge_method: "S256",
  });
  return new Promise(() => {});
}

/** A person who is signed in, until the page is closed or reloaded. */
export class OidcSession {
  /** `sub`: the person's id in the chat. */
  readonly id: string;
  readonly name: string;
  readonly #config: OidcConfig;
  readonly #server: oauth.AuthorizationServer;
  #tokens: oauth.TokenEndpointResponse;
  #renewAt = 0;
  #renewal: Promise<void> | undefined;

  private constructor(config: OidcConfig, server: oauth.AuthorizationServer, tokens: oauth.TokenEndpointResponse) {
    this.#config = config;
    this.#server = server;
    this.#tokens = tokens;
    const { sub, name } = this.#accept(tokens);
    this.id = sub;
    this.name = typeof name === "string" && name !== "" ? name : sub;
  }

  /** @param answer parameters that the issuer added to the URL @throws Error if it isn't an answer to this request */
  static async start(config: OidcConfig, answer: URLSearchParams, request: SignInRequest): Promise<OidcSession> {
    const server = await discover(config);
    const client = clientOf(config);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      oauth.validateAuthResponse(server, client, answer, request.state),
      pageUrl(),
      request.verifier,
      optionsOf(config),
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, { requireIdToken: true });
    localStorage.setItem(SIGNED_IN, "true");
    return new OidcSession(config, server, tokens);
  }

  /** An ID token with at least half of its life left. @throws ChatError */
  async token(): Promise<string> {
    if (Date.now() >= this.#renewAt) {
      this.#renewal ??= this.#renew().finally(() => {
        this.#renewal = undefined;
      });
      await this.#renewal;
    }
    return this.#tokens.id_token as string;
  }

  /** Signs out, and ends the issuer's session too if the issuer supports that. */
  signOut(): void {
    forget();
    const { end_session_endpoint: endpoint } = this.#server;
    if (endpoint === undefined) {
      location.reload();
      return;
    }
    // Cognito calls `logout_uri` what OpenID Connect calls `post_logout_redirect_uri`.
    const after = { post_logout_redirect_uri: pageUrl(), logout_uri: pageUrl() };
    leaveFor(endpoint, { client_id: this.#config.clientId, ...after });
  }

  async #renew(): Promise<void> {
    const client = clientOf(this.#config);
    const refreshToken = this.#tokens.refresh_token;
    if (refreshToken === undefined) throw signedOut("the issuer gave no refresh token");
    try {
      const options = optionsOf(this.#config);
      const response = await oauth.refreshTokenGrantRequest(this.#server, client, oauth.None(), refreshToken, options);
      const renewed = await oauth.processRefreshTokenResponse(this.#server, client, response);
      this.#accept(renewed);
      // An issuer that doesn't rotate refresh tokens sends none.
      this.#tokens = { refresh_token: refreshToken, ...renewed };
    } catch (cause) {
      if (cause instanceof ChatError) throw cause;
      if (cause instanceof oauth.ResponseBodyError && cause.status < 500) throw signedOut(cause.error, cause);
      throw new ChatError("NO_TOKEN", "the issuer can't be reached", { cause });
    }
  }

  /** Measures a token's lifetime from now, because this machine's clock may be wrong. */
  #accept(tokens: oauth.TokenEndpointResponse): oauth.IDToken {
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    if (claims === undefined) throw signedOut("the issuer gave no ID token");
    this.#renewAt = Date.now() + ((claims.exp - claims.iat) * 1_000) / 2;
    return claims;
  }
}

function signedOut(why: string, cause?: unknown): ChatError {
  return new ChatError("UNAUTHORIZED", `the token can't be renewed: ${why}`, { retryable: false, cause });
}

async function discover(config: OidcConfig): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(config.issuer);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, optionsOf(config)));
}

function clientOf({ clientId }: OidcConfig): oauth.Client {
  return { client_id: clientId };
}

/** Only an issuer on this machine may use plain HTTP; the stack's configuration enforces the same. */
function optionsOf({ issuer }: OidcConfig) {
  return { [oauth.allowInsecureRequests]: new URL(issuer).hostname === "127.0.0.1" };
}

/** The URL that the issuer sends people back to. */
function pageUrl(): string {
  return `${location.origin}/`;
}

/** Redirects without a history entry, so that Back leads to the page before this one. */
function leaveFor(endpoint: string, parameters: Record<string, string>): void {
  const url = new URL(endpoint);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  location.replace(url);
}

function takeRequest(): SignInRequest | undefined {
  const text = sessionStorage.getItem(REQUEST);
  sessionStorage.removeItem(REQUEST);
  return text === null ? undefined : (JSON.parse(text) as SignInRequest);
}

function forget(): void {
  localStorage.removeItem(SIGNED_IN);
}
