import { claimsOf } from "./issuer.ts";

/** A frame as a history shows it, with a token's claims in place of the token, since tokens differ from run to run. */
export function shownFrame(text: string): unknown {
  try {
    const frame = JSON.parse(text);
    return typeof frame.token === "string" ? { ...frame, token: claimsOf(frame.token) } : frame;
  } catch {
    return text;
  }
}
