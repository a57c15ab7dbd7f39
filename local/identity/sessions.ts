/** Temporary credentials: their owners and expiry. */
import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import { stableId, UPPERCASE } from "../stableId.ts";
import type { Caller } from "./role.ts";

/** The keys that a caller signs with. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** The maximum session duration of a role on AWS. */
const SESSION_MS = 12 * 3_600_000;

const MAX_PROOFS = 1_000;

export class Sessions {
  /** The owner and the secret of each access key, by the key's id. */
  readonly #holders = new Map<string, { caller: Caller; secretAccessKey: string }>();
  /**
   * New on each start, which invalidates earlier keys. Signing with a key object is six times as fast as with the key's
   * bytes.
   */
  readonly #secret = createSecretKey(randomBytes(32));
  /** Proofs by the text that they prove, cached because a function sends the same session token with all its calls. */
  readonly #proofs = new Map<string, string>();

  /**
   * Credentials that identify this caller in later calls. A role and session name always get the same access key, so
   * credentials that were issued earlier also stand for the current version of the role.
   */
  credentialsOf(caller: Caller, lifetimeMs = SESSION_MS): Credentials {
    const accessKeyId = `ASIA${stableId(`${caller.role.arn} ${caller.session}`, UPPERCASE, 16)}`;
    const secretAccessKey = this.#proof(accessKeyId).slice(0, 40);
    this.#holders.set(accessKeyId, { caller, secretAccessKey });
    const end = String(Date.now() + lifetimeMs);
    return {
      accessKeyId,
      secretAccessKey,
      sessionToken: `${end}.${this.#proof(`${accessKeyId} ${end}`)}`,
    };
  }

  /** The caller that an access key was issued to; undefined for an unknown key. */
  holderOf(accessKeyId: string): { caller: Caller; secretAccessKey: string } | undefined {
    return this.#holders.get(accessKeyId);
  }

  /** Whether a session token is valid for an access key. */
  check(accessKeyId: string, sessionToken: string): "valid" | "expired" | "invalid" {
    const [end = "", proof = ""] = sessionToken.split(".");
    const [given, right] = [Buffer.from(proof), Buffer.from(this.#proof(`${accessKeyId} ${end}`))];
    if (given.length !== right.length || !timingSafeEqual(given, right)) return "invalid";
    return Number(end) > Date.now() ? "valid" : "expired";
  }

  #proof(of: string): string {
    const known = this.#proofs.get(of);
    if (known !== undefined) return known;
    const proof = createHmac("sha256", this.#secret).update(of).digest("base64url");
    if (this.#proofs.size >= MAX_PROOFS) this.#proofs.clear();
    this.#proofs.set(of, proof);
    return proof;
  }
}
