/** Verifies OIDC tokens with the issuer's published keys. */
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose";
import type { User } from "../../protocol/entries";
import { firstGraphemes, isVisible } from "../../protocol/text";
import { isService } from "./service";

export interface TokenRules {
  /** Value of `iss`: the issuer's URL, from which its keys are discovered. */
  issuer: string;
  /** Value of `aud`. */
  audience: string;
  /** Allowed signature algorithms. Never allow symmetric ones, because the keys are public. @default RS256, ES256 */
  algorithms?: string[];
  /** Tolerated clock skew, in seconds. @default 5 */
  clockSkewSeconds?: number;
}

export interface Identity {
  user: User;
  /** Milliseconds since 1970. */
  tokenExpiresAt: number;
}

/** Thrown if a token doesn't satisfy the rules. The message says why, and quotes nothing from the token. */
export class TokenRefused extends Error {
  override name = "TokenRefused";
}

/** Minimum interval between key fetches caused by unknown key ids. */
const KEYS_COOLDOWN_MS = 30_000;
/** How long fetched keys are used without asking the issuer. */
const KEYS_AGE_MS = 10 * 60_000;
const FETCH_TIMEOUT_MS = 3_000;
/** Pause after the issuer has failed to answer. */
const FAILURE_COOLDOWN_MS = 3_000;

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** Verifies tokens by these rules. Keys are kept between calls. */
export class TokenVerifier {
  readonly #rules: TokenRules;
  readonly #discover: () => Promise<KeySet>;
  #keys: Promise<KeySet> | undefined;

  constructor(rules: TokenRules) {
    this.#rules = rules;
    this.#discover = coolingDown(() => discover(rules.issuer));
  }

  /**
   * @throws TokenRefused if the token is invalid
   * @throws Error when the issuer does not answer
   */
  async verify(token: string): Promise<Identity> {
    const { issuer, audience, algorithms = ["RS256", "ES256"], clockSkewSeconds = 5 } = this.#rules;
    const keys = await this.#issuerKeys();
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockSkewSeconds,
        requiredClaims: ["sub", "exp"],
      });
      return identityOf(payload);
    } catch (error) {
      throw isTokensFault(error) ? new TokenRefused(reasonOf(error)) : error;
    }
  }

  #issuerKeys(): Promise<KeySet> {
    this.#keys ??= this.#discover().catch((error) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
async function discover(issuer: string): Promise<KeySet> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`the issuer answers ${response.status} at ${url}`);
  const configuration = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (configuration.issuer !== issuer) throw new Error(`the configuration at ${url} is another issuer's`);
  return createRemoteJWKSet(new URL(String(configuration.jwks_uri)), {
    cooldownDuration: KEYS_COOLDOWN_MS,
    cacheMaxAge: KEYS_AGE_MS,
    timeoutDuration: FETCH_TIMEOUT_MS,
    [customFetch]: coolingDown(async (keysUrl, options) => {
      const answer = await fetch(keysUrl, options);
      if (!answer.ok) throw new Error(`the issuer answers ${answer.status} at ${keysUrl}`);
      return answer;
    }),
  });
}

/**
 * Repeats a failure for a while instead of trying again, so that many tokens don't cause many requests. It compares
 * times instead of setting a timer, because an execution environment is frozen between events.
 */
function coolingDown<Args extends unknown[], Result>(
  attempt: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  let failure: { error: unknown; at: number } | undefined;
  return async (...args) => {
    if (failure !== undefined && Date.now() - failure.at < FAILURE_COOLDOWN_MS) throw failure.error;
    try {
      const result = await attempt(...args);
      failure = undefined;
      return result;
    } catch (error) {
      failure = { error, at: Date.now() };
      throw error;
    }
  };
}

function identityOf(payload: JWTPayload): Identity {
  const { sub, exp } = payload;
  if (typeof sub !== "string" || sub === "" || sub.length > 128 || !sub.isWellFormed())
    throw new TokenRefused("its sub can't be used as an id");
  if (isService(sub)) throw new TokenRefused("its sub is reserved for services");
  return {
    user: { id: sub, name: namesIn(payload).map(nameFrom).find(isVisible) ?? nameFrom(sub) },
    tokenExpiresAt: (exp as number) * 1000,
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Names for a person in a token, best first: the standard claims of OpenID Connect, then Cognito's user name, then the
 * part of the email address before the @, because other people must not see the rest. UUIDs are omitted: Cognito's user
 * name is one if people sign in by email. https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
 */
function namesIn({ name, preferred_username, nickname, email, ...rest }: JWTPayload): string[] {
  const username = rest["cognito:username"];
  const mailbox = typeof email === "string" ? email.split("@")[0] : undefined;
  const names = [name, preferred_username, nickname, username, mailbox];
  return names.filter((one): one is string => typeof one === "string" && !UUID.test(one));
}

/** A display name: whole characters, and short enough for an entry with it to fit in a frame. */
function nameFrom(claim: string): string {
  return firstGraphemes(claim.slice(0, 2_048).toWellFormed(), 128).slice(0, 512).toWellFormed();
}

const TOKEN_FAULTS = [
  TokenRefused,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSMultipleMatchingKeys,
  errors.JWKSNoMatchingKey,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
];

/** Returns our own message, because the library's messages may quote contents of the token. */
function reasonOf(error: unknown): string {
  if (error instanceof TokenRefused) return error.message;
  if (error instanceof errors.JWTExpired) return "it has expired";
  if (error instanceof errors.JWTClaimValidationFailed)
    return `its claim ${CLAIMS.has(error.claim) ? error.claim : ""} is not accepted`;
  if (error instanceof errors.JOSEAlgNotAllowed) return "its signature algorithm is not accepted";
  if (error instanceof errors.JWKSNoMatchingKey) return "its key is not one of the issuer's";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature is invalid";
  return "it is malformed";
}

const CLAIMS = new Set(["iss", "aud", "sub", "exp", "nbf", "iat"]);

function isTokensFault(error: unknown): boolean {
  return TOKEN_FAULTS.some((type) => error instanceof type);
}
