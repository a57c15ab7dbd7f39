/** Maximum number of entries of one kind that an environment keeps. */
const MOST_KEPT = 10_000;

/**
 * Adds an entry to a map that an execution environment keeps for hours. The oldest entry is dropped if there are too
 * many.
 */
export function setBounded<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MOST_KEPT) return;
  const [oldest] = map.keys();
  map.delete(oldest as string);
}
