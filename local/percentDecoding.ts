/** Decodes a part of a URL. An invalid encoding is kept as it is, and matches nothing. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
