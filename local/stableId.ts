import { createHash } from "node:crypto";

export const LOWERCASE = "abcdefghijklmnopqrstuvwxyz0123456789";
export const UPPERCASE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** An id in AWS's format that is the same on every start, because it is derived from a name. */
export function stableId(of: string, alphabet: string, length: number): string {
  let id = "";
  for (let block = 0; id.length < length; block++) {
    for (const byte of createHash("sha512").update(`${of}\n${block}`).digest()) {
      id += alphabet.charAt(byte % alphabet.length);
    }
  }
  return id.slice(0, length);
}
