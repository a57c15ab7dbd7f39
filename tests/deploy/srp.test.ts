/** Tests the sign-in to a user pool, against the other side of the protocol and against another implementation. */
import { createHash, createHmac, hkdfSync } from "node:crypto";
import { expect, test } from "vitest";
import { SrpClient } from "../../deploy/srp.ts";
import VECTORS from "./srpVectors.json" with { type: "json" };

test.each(VECTORS.vectors)(
  "the client gives the same answers as pycognito, for $password",
  ({ a, A, B, salt, user, block, pool, password, sig }) => {
    const client = new SrpClient(BigInt(`0x${a}`));
    expect(client.publicValue).toBe(A);
    const challenge = { USER_ID_FOR_SRP: user, SRP_B: B, SALT: salt, SECRET_BLOCK: block };
    const at = new Date("2026-11-03T09:05:07Z");
    expect(client.answer(challenge, { poolId: pool, password, at })).toEqual({
      USERNAME: user,
      PASSWORD_CLAIM_SECRET_BLOCK: block,
      PASSWORD_CLAIM_SIGNATURE: sig,
      TIMESTAMP: "Tue Nov 3 09:05:07 UTC 2026",
    });
  },
);

test("a pool that knows the verifier accepts the right password, and no other", () => {
  const pool = new Pool("AbCdEf123", "3a1b", "right");
  const answer = (password: string) => {
    const client = new SrpClient();
    const challenge = pool.challenge(client.publicValue);
    return pool.accepts(client.answer(challenge, { poolId: "eu-central-1_AbCdEf123", password, at: new Date() }));
  };
  expect(answer("right")).toBe(true);
  expect(answer("wrong")).toBe(false);
});

test("a pool that sends a multiple of N gets no answer", () => {
  const challenge = { USER_ID_FOR_SRP: "u", SRP_B: "0", SALT: "1", SECRET_BLOCK: "" };
  const answer = () => new SrpClient().answer(challenge, { poolId: "r_p", password: "x", at: new Date() });
  expect(answer).toThrow("a number that SRP forbids");
});

/** The modulus of the protocol, from the other implementation's test vectors. */
const N = BigInt(`0x${VECTORS.N}`);

/** The pool's side of the protocol, which knows a verifier but not the password. */
class Pool {
  readonly #name: string;
  readonly #user: string;
  readonly #verifier: bigint;
  readonly #secret = 0xabcdefn ** 9n;
  readonly #block = Buffer.from("a secret block").toString("base64");
  #theirs = 0n;

  constructor(name: string, user: string, password: string) {
    this.#name = name;
    this.#user = user;
    this.#verifier = power(2n, toNumber(hash(bytes(0x77n), hash(Buffer.from(`${name}${user}:${password}`)))));
  }

  get #own(): bigint {
    return (toNumber(hash(bytes(N), bytes(2n))) * this.#verifier + power(2n, this.#secret)) % N;
  }

  challenge(publicValue: string) {
    this.#theirs = BigInt(`0x${publicValue}`);
    return { USER_ID_FOR_SRP: this.#user, SRP_B: this.#own.toString(16), SALT: "77", SECRET_BLOCK: this.#block };
  }

  accepts({ TIMESTAMP, PASSWORD_CLAIM_SIGNATURE }: { TIMESTAMP: string; PASSWORD_CLAIM_SIGNATURE: string }): boolean {
    const u = toNumber(hash(bytes(this.#theirs), bytes(this.#own)));
    const shared = power(this.#theirs * power(this.#verifier, u), this.#secret);
    const key = Buffer.from(hkdfSync("sha256", bytes(shared), bytes(u), "Caldera Derived Key", 16));
    const text = [Buffer.from(this.#name + this.#user), Buffer.from(this.#block, "base64"), Buffer.from(TIMESTAMP)];
    return createHmac("sha256", key).update(Buffer.concat(text)).digest("base64") === PASSWORD_CLAIM_SIGNATURE;
  }
}

function power(base: bigint, exponent: bigint): bigint {
  if (exponent === 0n) return 1n;
  const half = power((base * base) % N, exponent / 2n);
  return exponent % 2n === 0n ? half : (half * base) % N;
}

function hash(...parts: Buffer[]): Buffer {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

function toNumber(buffer: Buffer): bigint {
  return BigInt(`0x${buffer.toString("hex")}`);
}

function bytes(number: bigint): Buffer {
  const hex = number.toString(16);
  const padded = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(/^[89a-f]/.test(padded) ? `00${padded}` : padded, "hex");
}
