import type { AuthoredEntry, Entry } from "../protocol/entries.ts";

const KINDS = new Set(["message", "edit", "delete", "reaction"]);

/** Whether applications receive an entry. Void positions and unknown kinds only count as positions. */
export function isShown(entry: Entry): entry is AuthoredEntry {
  return KINDS.has(entry.kind);
}
