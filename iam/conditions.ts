/**
 * Condition operators.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { BlockList, isIP } from "node:net";
import type { Condition } from "./document.ts";
import { type Context, literalText, matchesArnText, matchesText } from "./match.ts";

/** Whether one value of the request matches one value of the policy. */
type Comparison = (policyValue: string, requestValue: string, variables: Context | undefined) => boolean;

const text =
  (equal: (a: string, b: string) => boolean): Comparison =>
  (policyValue, requestValue, variables) => {
    const literal = literalText(policyValue, variables);
    return literal !== undefined && equal(literal, requestValue);
  };

const number =
  (holds: (request: number, policy: number) => boolean): Comparison =>
  (policyValue, requestValue) => {
    const [request, policy] = [toNumber(requestValue), toNumber(policyValue)];
    return !Number.isNaN(request) && !Number.isNaN(policy) && holds(request, policy);
  };

const date =
  (holds: (request: number, policy: number) => boolean): Comparison =>
  (policyValue, requestValue) => {
    const [request, policy] = [toTime(requestValue), toTime(policyValue)];
    return !Number.isNaN(request) && !Number.isNaN(policy) && holds(request, policy);
  };

const ORDER = {
  Equals: (request: number, policy: number) => request === policy,
  LessThan: (request: number, policy: number) => request < policy,
  LessThanEquals: (request: number, policy: number) => request <= policy,
  GreaterThan: (request: number, policy: number) => request > policy,
  GreaterThanEquals: (request: number, policy: number) => request >= policy,
};

/** Comparisons by operator in lowercase. NEGATED has the negated operators. */
const COMPARISONS = new Map<string, Comparison>(
  Object.entries({
    stringequals: text((policy, request) => policy === request),
    stringequalsignorecase: text((policy, request) => policy.toLowerCase() === request.toLowerCase()),
    stringlike: matchesText,
    bool: text((policy, request) => policy.toLowerCase() === request.toLowerCase()),
    binaryequals: (policy, request) => policy === request,
    ipaddress: inRange,
    arnequals: matchesArnText,
    arnlike: matchesArnText,
    ...Object.fromEntries(
      Object.entries(ORDER).flatMap(([name, holds]) => [
        [`numeric${name.toLowerCase()}`, number(holds)],
        [`date${name.toLowerCase()}`, date(holds)],
      ]),
    ),
  }),
);

const NEGATED = new Map<string, string>(
  Object.entries({
    stringnotequals: "stringequals",
    stringnotequalsignorecase: "stringequalsignorecase",
    stringnotlike: "stringlike",
    numericnotequals: "numericequals",
    datenotequals: "dateequals",
    notipaddress: "ipaddress",
    arnnotequals: "arnequals",
    arnnotlike: "arnlike",
  }),
);

/** Whether IAM has an operator, with or without `ForAnyValue:`, `ForAllValues:` and `IfExists`. */
export function isKnownOperator(operator: string): boolean {
  const name = operator.toLowerCase().replace(/^for(allvalues|anyvalue):/, "");
  const base = name.replace(/ifexists$/, "");
  return name === "null" || COMPARISONS.has(NEGATED.get(base) ?? base);
}

/** Whether a condition holds; `unknown operator` if IAM doesn't have its operator. */
export function conditionHolds(
  condition: Condition,
  context: Context,
  variables: Context | undefined,
): boolean | "unknown operator" {
  let operator = condition.operator.toLowerCase();
  const quantifier = /^(forallvalues|foranyvalue):/.exec(operator)?.[1];
  if (quantifier !== undefined) operator = operator.slice(quantifier.length + 1);
  const requestValues = context(condition.key.toLowerCase());
  if (operator === "null") {
    return condition.values.some((value) => (value.toLowerCase() === "true") === (requestValues === undefined));
  }
  const ifExists = operator.endsWith("ifexists");
  if (ifExists) operator = operator.slice(0, -"ifexists".length);
  const negated = NEGATED.has(operator);
  const comparison = COMPARISONS.get(NEGATED.get(operator) ?? operator);
  if (comparison === undefined) return "unknown operator";

  // The request doesn't have the key: see "Condition operators with multiple keys or values" and IfExists.
  if (requestValues === undefined || requestValues.length === 0) {
    return ifExists || quantifier === "forallvalues" || (negated && quantifier === undefined);
  }
  const matches = (requestValue: string) => {
    const hit = condition.values.some((policyValue) => comparison(policyValue, requestValue, variables));
    return negated ? !hit : hit;
  };
  if (quantifier === "forallvalues") return requestValues.every(matches);
  if (quantifier === "foranyvalue") return requestValues.some(matches);
  return negated ? requestValues.every(matches) : requestValues.some(matches);
}

function toNumber(value: string): number {
  return value.trim() === "" ? Number.NaN : Number(value);
}

/** Parses ISO 8601 or seconds since 1970. @returns milliseconds since 1970 */
function toTime(value: string): number {
  return /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value);
}

function inRange(policyValue: string, requestValue: string): boolean {
  const family = isIP(requestValue);
  const [network = "", prefix] = policyValue.split("/");
  if (family === 0 || isIP(network) !== family) return false;
  const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix);
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) return false;
  const range = new BlockList();
  const type = family === 4 ? "ipv4" : "ipv6";
  range.addSubnet(network, bits, type);
  return range.check(requestValue, type);
}
