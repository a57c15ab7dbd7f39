/** The issuer of the simulation's tokens, which are real ones because the shipped code verifies them. */
import { generateKeyPairSync, sign } from "node:crypto";

// The keys are this process's own: signatures differ each time anyway, and histories don't contain them.
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const KEY_ID = "simulated";

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

export class Issuer {
  readonly #issuer: string;
  readonly #audience: string;

  constructor(issuer: string, audience: string) {
    this.#issuer = issuer;
    this.#audience = audience;
  }

  /** @param expiresAt milliseconds since 1970 */
  token(user: string, expiresAt: number): string {
    const claims = {
      iss: this.#issuer,
      aud: this.#audience,
      sub: user,
      name: nameOf(user),
      exp: Math.floor(expiresAt / 1000),
    };
    const signed = `${encode({ alg: "ES256", kid: KEY_ID })}.${encode(claims)}`;
    const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
    return `${signed}.${signature.toString("base64url")}`;
  }

  /** Answers a plain fetch. */
  fetch(url: string): unknown {
    const keysUrl = `${this.#issuer}/keys`;
    const keys = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: KEY_ID, alg: "ES256", use: "sig" }] };
    const body = url === keysUrl ? keys : { issuer: this.#issuer, jwks_uri: keysUrl };
    return { ok: true, status: 200, json: async () => body };
  }
}

/** A token's claims, not verified. The simulated gateway runs no authorizer, and passes these claims on instead. */
export function claimsOf(token: string): { user: string; expiresAt: number } {
  const { sub, exp } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return { user: sub, expiresAt: exp * 1000 };
}

export function nameOf(user: string): string {
  return user.charAt(0).toUpperCase() + user.slice(1);
}
