import { useSyncExternalStore } from "preact/compat";

const PREFIX = "#/room/";

/** Link to a room. */
export function linkTo(room: string): string {
  return PREFIX + encodeURIComponent(room);
}

/** The room in the page's URL; undefined for the list of rooms. */
export function useRoute(): string | undefined {
  return useSyncExternalStore(onHashChange, currentRoom);
}

function onHashChange(update: () => void): () => void {
  addEventListener("hashchange", update);
  return () => removeEventListener("hashchange", update);
}

function currentRoom(): string | undefined {
  const { hash } = location;
  if (!hash.startsWith(PREFIX) || hash === PREFIX) return undefined;
  try {
    return decodeURIComponent(hash.slice(PREFIX.length)).normalize("NFC");
  } catch {
    // A link that was typed by hand may not be percent-encoded.
    return hash.slice(PREFIX.length).normalize("NFC");
  }
}
