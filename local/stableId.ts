import { createHash } from "node:crypto";

export const LOWERCASE = "abcdefghijklmnopqrstuvwxyz0123456789";
export const UPPERCASE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** An id that looks as AWS makes it, and is the same at every start: it comes from what it names. */
export function stableId(of: string, alphabet: string, length: number): string {
  let id = "";
  for (let block = 0; id.length < length; block++) {
    for (const byte of createHash("sha512").update(`${of}\n${block}`).digest()) {
      id += alphabet.charAt(byte % alphabet.length);
    }
  }
  return id.slice(0, length);
}
