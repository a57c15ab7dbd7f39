import { claimsOf } from "./issuer.ts";

/** A frame as a history shows it: what its token says, for the token itself is another one each time. */
export function shownFrame(text: string): unknown {
  try {
    const frame = JSON.parse(text);
    return typeof frame.token === "string" ? { ...frame, token: claimsOf(frame.token) } : frame;
  } catch {
    return text;
  }
}
