/**
 * Event patterns of EventBridge rules and event source filters.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { BlockList, isIP } from "node:net";

type Json = Record<string, unknown>;

/** @throws Error saying why the pattern is invalid */
export function parsePattern(text: string): Json {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw new Error("InvalidEventPatternException: Event pattern is not valid. Reason: it is not JSON");
  }
  if (!isObject(pattern)) {
    throw new Error("InvalidEventPatternException: Event pattern is not valid. Reason: Filter is not an object");
  }
  checkPattern(pattern, "");
  return pattern;
}

function checkPattern(pattern: Json, path: string): void {
  for (const [key, rule] of Object.entries(pattern)) {
    const at = path === "" ? key : `${path}.${key}`;
    if (key === "$or" && Array.isArray(rule)) for (const one of rule) checkPattern(one as Json, at);
    else if (isObject(rule)) checkPattern(rule, at);
    else if (!Array.isArray(rule)) {
      throw new Error(
        `InvalidEventPatternException: Event pattern is not valid. Reason: "${at}" must be an object or an array`,
      );
    } else for (const one of rule) checkTest(one, at);
  }
}

function checkTest(test: unknown, at: string): void {
  if (!isObject(test)) return;
  const [operator = "", ...others] = Object.keys(test);
  if (others.length === 0 && OPERATORS.has(operator)) return;
  throw new Error(
    `InvalidEventPatternException: Event pattern is not valid. Reason: Unrecognized match type ${operator} at "${at}"`,
  );
}

/** Whether, for each field of the pattern, the event's value passes one of the tests that the pattern lists. */
export function matches(pattern: Json, event: unknown): boolean {
  return Object.entries(pattern).every(([key, rule]) => {
    if (key === "$or" && Array.isArray(rule)) return rule.some((one) => matches(one as Json, event));
    const value = isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined;
    if (isObject(rule)) {
      return Array.isArray(value) ? value.some((one) => matches(rule, one)) : matches(rule, value);
    }
    const values = Array.isArray(value) ? value : [value];
    return (rule as unknown[]).some((test) => values.some((one) => passes(test, one)));
  });
}

function passes(test: unknown, value: unknown): boolean {
  if (!isObject(test)) return test === value;
  const [[operator, operand] = ["", undefined]] = Object.entries(test);
  return OPERATORS.get(operator)?.(operand, value) ?? false;
}

type Operator = (operand: unknown, value: unknown) => boolean;

const OPERATORS = new Map<string, Operator>([
  ["prefix", (operand, value) => affix(operand, value, (text, part) => text.startsWith(part))],
  ["suffix", (operand, value) => affix(operand, value, (text, part) => text.endsWith(part))],
  ["equals-ignore-case", (operand, value) => isText(value) && lower(value) === lower(operand)],
  ["wildcard", (operand, value) => isText(value) && wildcard(String(operand)).test(value)],
  ["exists", (operand, value) => operand === (value !== undefined && !isObject(value))],
  ["numeric", (operand, value) => typeof value === "number" && compares(operand as unknown[], value)],
  ["cidr", (operand, value) => isText(value) && isInNetwork(String(operand), value)],
  ["anything-but", anythingBut],
]);

function anythingBut(operand: unknown, value: unknown): boolean {
  if (value === undefined) return false;
  const refused = Array.isArray(operand) ? operand : [operand];
  return !refused.some((one) => {
    if (!isObject(one)) return one === value;
    // The operand may be a pattern itself, such as `{"anything-but": {"prefix": ["a", "b"]}}`.
    const [[operator, parts] = ["", undefined]] = Object.entries(one);
    return (Array.isArray(parts) ? parts : [parts]).some((part) => OPERATORS.get(operator)?.(part, value) ?? false);
  });
}

function affix(operand: unknown, value: unknown, has: (text: string, part: string) => boolean): boolean {
  if (!isText(value)) return false;
  if (isObject(operand)) return has(lower(value), lower(operand["equals-ignore-case"]));
  return has(value, String(operand));
}

/** Evaluates comparisons such as `[">", 0, "<=", 5]`. */
function compares(comparisons: unknown[], value: number): boolean {
  for (let i = 0; i < comparisons.length; i += 2) {
    const bound = Number(comparisons[i + 1]);
    switch (comparisons[i]) {
      case "<":
        if (!(value < bound)) return false;
        break;
      case "<=":
        if (!(value <= bound)) return false;
        break;
      case ">":
        if (!(value > bound)) return false;
        break;
      case ">=":
        if (!(value >= bound)) return false;
        break;
      case "=":
        if (value !== bound) return false;
        break;
      default:
        return false;
    }
  }
  return true;
}

function wildcard(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

/** @param network an IPv4 or IPv6 network, such as `10.0.0.0/24` */
function isInNetwork(network: string, address: string): boolean {
  const [base = "", bits] = network.split("/");
  const [networkFamily, family] = [isIP(base), isIP(address)];
  if (family === 0 || family !== networkFamily) return false;
  const [name, length] = family === 6 ? (["ipv6", 128] as const) : (["ipv4", 32] as const);
  const list = new BlockList();
  list.addSubnet(base, Number(bits ?? length), name);
  return list.check(address, name);
}

function lower(value: unknown): string {
  return String(value).toLowerCase();
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
