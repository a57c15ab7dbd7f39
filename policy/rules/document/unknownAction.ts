import type { DocumentRule } from "../rule.ts";

export const unknownAction: DocumentRule = {
  id: "unknown-action",
  severity: "medium",
  title: "A statement names an action that AWS does not have",
  kinds: ["identity", "trust", "resource", "boundary"],
  check: ({ document: { statements }, catalog }) =>
    statements.flatMap((statement) =>
      statement.action.patterns
        .filter((pattern) => pattern !== "*" && catalog.matching(pattern).length === 0)
        .map((pattern) => {
          const [prefix = "", name = ""] = pattern.split(":");
          const [similar] = catalog
            .matching(`${prefix}:*`)
            .filter((action) => Math.abs(action.name.length - pattern.length) <= MAX_DISTANCE)
            .map((action) => ({ action, far: distance(action.name.slice(prefix.length + 1), name) }))
            .filter(({ far }) => far <= MAX_DISTANCE)
            .sort((a, b) => a.far - b.far)
            .map(({ action }) => action);
          return {
            statement,
            message: catalog.hasService(prefix)
              ? `there is no action ${JSON.stringify(pattern)}: the statement does nothing with it`
              : `there is no service ${JSON.stringify(prefix)}: the action ${JSON.stringify(pattern)} does nothing`,
            fix:
              similar === undefined ? "take it out, or write it as the service's reference does" : `"${similar.name}"`,
          };
        }),
    ),
};

/** More of them are another name. */
const MAX_DISTANCE = 3;

/** Levenshtein's, in one row. */
function distance(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row.at(-1) as number;
}
