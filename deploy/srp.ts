/**
 * Proves knowledge of a password to a user pool without sending it: SRP as Amazon Cognito implements it, with the
 * 3072-bit group of RFC 5054.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
 */
import { createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";

const N = BigInt(
  `0x${`
  FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B
  302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6
  49286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D
  670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718
  3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7D
  B3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C
  BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF`.replace(
    /\s/g,
    "",
  )}`,
);
const G = 2n;
const K = toNumber(sha256(Buffer.concat([toBytes(N), toBytes(G)])));

/** The pool's answer to the first message. */
export interface Challenge {
  USER_ID_FOR_SRP: string;
  SRP_B: string;
  SALT: string;
  SECRET_BLOCK: string;
}

/** The client's side of one sign-in. */
export class SrpClient {
  readonly #secret: bigint;
  /** First message, in hexadecimal. */
  readonly publicValue: string;

  /** @param secret random by default; a fixed one makes tests reproducible */
  constructor(secret = toNumber(randomBytes(32))) {
    this.#secret = secret;
    this.publicValue = power(G, secret).toString(16);
  }

  /**
   * The second message: the proof that the client knows the password.
   *
   * @param poolId such as `eu-central-1_AbCdEf123`
   */
  answer(challenge: Challenge, { poolId, password, at }: { poolId: string; password: string; at: Date }) {
    const { USER_ID_FOR_SRP: user, SRP_B, SALT, SECRET_BLOCK: block } = challenge;
    const [, pool = ""] = poolId.split("_");
    const TIMESTAMP = timestamp(at);
    const key = this.#key(BigInt(`0x${SRP_B}`), BigInt(`0x${SALT}`), `${pool}${user}:${password}`);
    const signature = createHmac("sha256", key)
      .update(pool + user)
      .update(Buffer.from(block, "base64"))
      .update(TIMESTAMP)
      .digest("base64");
    return {
      USERNAME: user,
      PASSWORD_CLAIM_SECRET_BLOCK: block,
      PASSWORD_CLAIM_SIGNATURE: signature,
      TIMESTAMP,
    };
  }

  /** The key that only the client and the user pool can compute. */
  #key(theirs: bigint, salt: bigint, identity: string): Buffer {
    const u = toNumber(sha256(Buffer.concat([toBytes(BigInt(`0x${this.publicValue}`)), toBytes(theirs)])));
    if (theirs % N === 0n || u === 0n) throw new Error("the user pool has answered with a number that SRP forbids");
    const x = toNumber(sha256(Buffer.concat([toBytes(salt), sha256(Buffer.from(identity))])));
    const base = (((theirs - K * power(G, x)) % N) + N) % N;
    const shared = power(base, this.#secret + u * x);
    return Buffer.from(hkdfSync("sha256", toBytes(shared), toBytes(u), "Caldera Derived Key", 16));
  }
}

/** Timestamp in the format that Cognito expects: `Tue Nov 3 09:05:07 UTC 2026`. */
function timestamp(at: Date): string {
  const [weekday = "", day, month, year, time] = at.toUTCString().split(" ");
  return `${weekday.slice(0, 3)} ${month} ${Number(day)} ${time} UTC ${year}`;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let factor = base % N, rest = exponent; rest > 0n; rest >>= 1n, factor = (factor * factor) % N) {
    if (rest & 1n) result = (result * factor) % N;
  }
  return result;
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}

/** A number's bytes: big-endian, as few as possible, with a leading zero bit. */
function toBytes(number: bigint): Buffer {
  const hex = number.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, "hex");
}
