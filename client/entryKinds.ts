import type { AuthoredEntry, Entry } from "../protocol/entries.ts";

const KINDS = new Set(["message", "edit", "delete", "reaction"]);

/** Void positions, and kinds that this version does not know, are counted and not shown. */
export function isShown(entry: Entry): entry is AuthoredEntry {
  return KINDS.has(entry.kind);
}
