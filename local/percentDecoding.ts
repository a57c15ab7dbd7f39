/** Decodes a part of a URL. One that isn't well encoded stays as it is, and matches nothing. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
