/** Verifies OIDC tokens by the issuer's published keys. */
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose";
import type { User } from "../../protocol/entries";
import { firstGraphemes, isVisible } from "../../protocol/text";
import { isService } from "./service";

export interface TokenRules {
  /** `iss`, and where the keys are found by discovery. */
  issuer: string;
  /** `aud`. */
  audience: string;
  /** Signature algorithms; symmetric ones have no place here, the keys are public. @default RS256, ES256 */
  algorithms?: string[];
  /** Seconds that clocks may differ. @default 5 */
  clockSkewSeconds?: number;
}

export interface Identity {
  user: User;
  /** Milliseconds since 1970. */
  tokenExpiresAt: number;
}

/** The token is not one that these rules accept; the message says why and quotes nothing of it. */
export class TokenRefused extends Error {
  override name = "TokenRefused";
}

/** After an unknown key id the keys are fetched again, but not more often than this. */
const KEYS_COOLDOWN_MS = 30_000;
/** Fetched keys serve this long without a look at the issuer. */
const KEYS_AGE_MS = 10 * 60_000;
const FETCH_TIMEOUT_MS = 3_000;
/** An issuer that does not answer is asked again after this. */
const FAILURE_COOLDOWN_MS = 3_000;

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** Verifies tokens by these rules; the keys are kept between calls. */
export class TokenVerifier {
  readonly #rules: TokenRules;
  readonly #discover: () => Promise<KeySet>;
  #keys: Promise<KeySet> | undefined;

  constructor(rules: TokenRules) {
    this.#rules = rules;
    this.#discover = coolingDown(() => discover(rules.issuer));
  }

  /**
   * @throws TokenRefused when the token is at fault
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
 * Gives a failure again for a while instead of trying again, so that a crowd of tokens does not make a crowd of
 * requests. It looks at the clock and sets no timer: between two events an execution environment stands still.
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
    throw new TokenRefused("sub is not a usable subject");
  if (isService(sub)) throw new TokenRefused("sub is one that only services have");
  return {
    user: { id: sub, name: namesIn(payload).map(nameFrom).find(isVisible) ?? nameFrom(sub) },
    tokenExpiresAt: (exp as number) * 1000,
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * What a token may call its person, best first: the standard claims of OpenID Connect, then the user name of Cognito,
 * which is a UUID where people sign in by e-mail. Of an address others see only what stands before the @.
 * https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
 */
function namesIn({ name, preferred_username, nickname, email, ...rest }: JWTPayload): string[] {
  const username = rest["cognito:username"];
  const mailbox = typeof email === "string" ? email.split("@")[0] : undefined;
  const names = [name, preferred_username, nickname, username, mailbox];
  return names.filter((one): one is string => typeof one === "string" && !UUID.test(one));
}

/** A name to show: whole characters, and never so long that an entry with it would not fit into a frame. */
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

/** A sentence of our own: the library's may quote what stands in the token. */
function reasonOf(error: unknown): string {
  if (error instanceof TokenRefused) return error.message;
  if (error instanceof errors.JWTExpired) return "it has expired";
  if (error instanceof errors.JWTClaimValidationFailed)
    return `its claim ${CLAIMS.has(error.claim) ? error.claim : ""} is not accepted`;
  if (error instanceof errors.JOSEAlgNotAllowed) return "its signature algorithm is not accepted";
  if (error instanceof errors.JWKSNoMatchingKey) return "its key is not one of the issuer's";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature is wrong";
  return "it is malformed";
}

const CLAIMS = new Set(["iss", "aud", "sub", "exp", "nbf", "iat"]);

function isTokensFault(error: unknown): boolean {
  return TOKEN_FAULTS.some((type) => error instanceof type);
}
