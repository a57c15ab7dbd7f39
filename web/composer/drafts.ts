/** Storage key of the unsent text of one person in one room. The text survives a reload. */
const keyOf = (user: string, room: string) => `chat.draft ${JSON.stringify([user, room])}`;

export function readDraft(user: string, room: string): string {
  try {
    return localStorage.getItem(keyOf(user, room)) ?? "";
  } catch {
    // Storage is disabled, so the draft only lives as long as the page.
    return "";
  }
}

export function writeDraft(user: string, room: string, text: string): void {
  try {
    if (text === "") localStorage.removeItem(keyOf(user, room));
    else localStorage.setItem(keyOf(user, room), text);
  } catch {
    // Storage is disabled or full.
  }
}
