import { editDistance } from "../../document/editDistance.ts";
import type { DocumentRule } from "../rule.ts";

export const unknownAction: DocumentRule = {
  id: "unknown-action",
  severity: "medium",
  title: "A statement names an action that doesn't exist",
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
            .map((action) => ({ action, far: editDistance(action.name.slice(prefix.length + 1), name) }))
            .filter(({ far }) => far <= MAX_DISTANCE)
            .sort((a, b) => a.far - b.far)
            .map(({ action }) => action);
          return {
            statement,
            message: catalog.hasService(prefix)
              ? `the action ${JSON.stringify(pattern)} doesn't exist`
              : `the action ${JSON.stringify(pattern)} doesn't exist: AWS has no service ${JSON.stringify(prefix)}`,
            fix:
              similar === undefined
                ? "remove the action, or use a name from the service authorization reference"
                : `"${similar.name}"`,
          };
        }),
    ),
};

/** A name with more differing letters is a different name. */
const MAX_DISTANCE = 3;
