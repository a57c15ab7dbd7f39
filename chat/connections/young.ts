/** A connection this young may answer 410 because its `$connect` has not returned yet. */
export const YOUNG_MS = 30_000;
