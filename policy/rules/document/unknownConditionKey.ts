import type { Catalog, Statement } from "@serverless-chat/iam";
import { hasKey, isKey } from "../../document/conditions.ts";
import { editDistance } from "../../document/editDistance.ts";
import type { DocumentRule } from "../rule.ts";

export const unknownConditionKey: DocumentRule = {
  id: "unknown-condition-key",
  severity: "medium",
  title: "A condition uses a key that requests never have",
  kinds: ["identity", "trust", "resource", "boundary"],
  check: ({ document: { statements }, catalog }) =>
    statements.flatMap((statement) =>
      statement.conditions.flatMap(({ operator, key }) => {
        const problem = problemOf(operator, key, statement, catalog);
        return problem === undefined
          ? []
          : [
              {
                statement,
                message: `the condition ${operator} uses ${JSON.stringify(key)}: ${problem.why}`,
                fix: problem.fix,
              },
            ];
      }),
    ),
};

interface KeyProblem {
  why: string;
  fix: string;
}

function problemOf(operator: string, key: string, statement: Statement, catalog: Catalog): KeyProblem | undefined {
  const lower = key.toLowerCase();
  const prefix = lower.slice(0, lower.indexOf(":"));
  // Claims of identity providers have the provider's host name as their prefix.
  if (!/^[a-z0-9-]+$/.test(prefix)) return undefined;
  if (isOneOf(catalog.globalConditionKeys, lower)) return undefined;
  if (prefix === "aws") return misspelled(key, catalog.globalConditionKeys, "AWS has no such global key");
  if (!catalog.hasService(prefix)) return undefined;
  const known = catalog.conditionKeysOf(prefix);
  if (known.length === 0) return undefined;
  if (!isOneOf(known, lower)) return misspelled(key, known, `the service ${prefix} has no such key`);
  if (statement.effect === "Deny" || statement.action.negated || SESSION_KEYS.has(prefix)) return undefined;
  const { patterns } = statement.action;
  // A wildcard may match any service, and an unknown service has no keys.
  const prefixes = new Set(patterns.map((pattern) => pattern.slice(0, pattern.indexOf(":")).toLowerCase()));
  if ([...prefixes].some((other) => !catalog.hasService(other))) return undefined;
  if ([...prefixes].some((other) => RELATED[other]?.includes(prefix))) return undefined;
  if (prefixes.has(prefix) && isKeyOfActions(lower, statement, catalog)) return undefined;
  const requests = (prefixes.has(prefix) ? patterns : [...prefixes]).join(", ");
  const isOptional = /ifexists$|^forallvalues:|^(string|arn|numeric|date)?not/i.test(operator);
  const consequence = isOptional ? "so the condition always holds" : "so the statement allows nothing";
  return {
    why: `requests of ${requests} never have this key, ${consequence}`,
    fix: "remove the condition, or use a key that the action supports",
  };
}

/** Whether requests for one of the statement's actions can have a key, because of the action or of its resources. */
function isKeyOfActions(key: string, { action }: Statement, catalog: Catalog): boolean {
  const actions = catalog.matchingAny(action.patterns);
  return actions.length === 0 || actions.some((one) => hasKey(one, key));
}

/** Prefixes of condition keys that come from the session, so that requests to any service can have them. */
const SESSION_KEYS = new Set(["sts", "saml", "identitystore"]);

/** Prefixes of other services whose keys a service's requests also have, by service. */
const RELATED: Record<string, string[]> = {
  "s3-object-lambda": ["s3"],
  "s3-outposts": ["s3"],
  s3express: ["s3"],
  "rds-data": ["rds"],
  "neptune-db": ["rds"],
  "execute-api": ["apigateway"],
  "kafka-cluster": ["kafka"],
  opensearch: ["es"],
  sso: ["identitystore"],
  sts: ["iam"],
};

function isOneOf(patterns: string[], key: string): boolean {
  return patterns.some((pattern) => isKey(pattern.replace(/\/tag-key$/, "/${TagKey}"), key));
}

function misspelled(key: string, known: string[], why: string): KeyProblem {
  const [similar] = known
    .map((other) => ({ other, distance: editDistance(other, key) }))
    .filter(({ distance }) => distance <= MAX_DISTANCE)
    .sort((a, b) => a.distance - b.distance)
    .map(({ other }) => other);
  return {
    why: `${why}, so no request has it`,
    fix: similar === undefined ? "remove the condition, or use a key that the action supports" : `use ${similar}`,
  };
}

/** Keys that differ in more letters than this are considered different keys. */
const MAX_DISTANCE = 3;
