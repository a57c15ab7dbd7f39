/** Entries that an environment keeps at most of one kind. */
const MOST_KEPT = 10_000;

/** Puts an entry into the memory of an execution environment, which lives for hours: what was put longest ago gives way. */
export function setBounded<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MOST_KEPT) return;
  const [oldest] = map.keys();
  map.delete(oldest as string);
}
