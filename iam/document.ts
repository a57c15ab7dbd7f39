/**
 * Parses policy documents, which may be text or objects, into one normalized form, in which scalars become lists.
 * Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */

export type Effect = "Allow" | "Deny";

/** `Action` or `NotAction`, `Resource` or `NotResource`, with the patterns as written. */
export interface Matcher {
  negated: boolean;
  patterns: string[];
}

/** `Principal` or `NotPrincipal`: the kind (`AWS`, `Service`, `Federated`, `CanonicalUser`, `*`) and its values. */
export interface PrincipalMatcher {
  negated: boolean;
  principals: { kind: string; value: string }[];
}

export interface Condition {
  operator: string;
  key: string;
  values: string[];
}

export interface Statement {
  sid?: string;
  /** Index in the document, from 0. */
  index: number;
  effect: Effect;
  action: Matcher;
  /** Absent in trust policies. */
  resource?: Matcher;
  /** Absent in identity policies. */
  principal?: PrincipalMatcher;
  conditions: Condition[];
}

export interface PolicyDocument {
  /** Only 2012-10-17 supports policy variables; without a Version IAM assumes 2008-10-17. */
  version: "2012-10-17" | "2008-10-17";
  id?: string;
  statements: Statement[];
}

/** A document that doesn't follow IAM's grammar. The message quotes the invalid part and says where it is. */
export class PolicySyntaxError extends Error {
  override name = "PolicySyntaxError";
}

const STATEMENT_ELEMENTS = new Set([
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "NotPrincipal",
  "Condition",
]);

/**
 * Parses a policy document.
 *
 * @param document JSON text, or the object that a program wrote
 * @throws PolicySyntaxError naming the statement and the element that is wrong
 */
export function parsePolicy(document: unknown): PolicyDocument {
  const root = typeof document === "string" ? parseJson(document) : document;
  if (!isRecord(root))
    throw new PolicySyntaxError(`a policy document must be a JSON object, but this is ${quote(root)}`);
  const version = root.Version ?? "2008-10-17";
  if (version !== "2012-10-17" && version !== "2008-10-17") {
    throw new PolicySyntaxError(`Version is ${quote(version)}; IAM supports "2012-10-17" and "2008-10-17"`);
  }
  if (root.Statement === undefined) throw new PolicySyntaxError("the document has no Statement");
  const stranger = Object.keys(root).find((element) => !["Version", "Id", "Statement"].includes(element));
  if (stranger !== undefined) throw new PolicySyntaxError(`the document has an unknown element ${quote(stranger)}`);
  const statements = asList(root.Statement);
  if (statements.length === 0) throw new PolicySyntaxError("the document has no statement: Statement is empty");
  return {
    version,
    ...(typeof root.Id === "string" ? { id: root.Id } : {}),
    statements: statements.map(parseStatement),
  };
}

function parseStatement(statement: unknown, index: number): Statement {
  const where = `statement ${index}`;
  if (!isRecord(statement)) throw new PolicySyntaxError(`${where} is ${quote(statement)}, not an object`);
  const stranger = Object.keys(statement).find((element) => !STATEMENT_ELEMENTS.has(element));
  if (stranger !== undefined) throw new PolicySyntaxError(`${where} has an unknown element ${quote(stranger)}`);
  const { Effect: effect, Sid: sid } = statement;
  if (sid !== undefined && typeof sid !== "string") {
    throw new PolicySyntaxError(`${where}: Sid is ${quote(sid)}, not a string`);
  }
  if (effect !== "Allow" && effect !== "Deny") {
    throw new PolicySyntaxError(`${where}: Effect is ${quote(effect)}; it must be "Allow" or "Deny"`);
  }
  const action = parseMatcher(statement, "Action", where);
  if (action === undefined) throw new PolicySyntaxError(`${where} has neither Action nor NotAction`);
  const resource = parseMatcher(statement, "Resource", where);
  const principal = parsePrincipal(statement, where);
  return {
    ...(sid === undefined ? {} : { sid }),
    index,
    effect,
    action,
    ...(resource === undefined ? {} : { resource }),
    ...(principal === undefined ? {} : { principal }),
    conditions: parseConditions(statement.Condition, where),
  };
}

function parseMatcher(statement: Record<string, unknown>, element: string, where: string): Matcher | undefined {
  const [positive, negative] = [statement[element], statement[`Not${element}`]];
  if (positive !== undefined && negative !== undefined) {
    throw new PolicySyntaxError(`${where} has both ${element} and Not${element}`);
  }
  const negated = negative !== undefined;
  const written = negated ? negative : positive;
  if (written === undefined) return undefined;
  const patterns = asList(written);
  if (patterns.length === 0) throw new PolicySyntaxError(`${where}: ${negated ? "Not" : ""}${element} is empty`);
  for (const pattern of patterns) {
    if (typeof pattern !== "string" || pattern === "") {
      throw new PolicySyntaxError(`${where}: ${negated ? "Not" : ""}${element} ${quote(pattern)} is not a string`);
    }
  }
  return { negated, patterns: patterns as string[] };
}

function parsePrincipal(statement: Record<string, unknown>, where: string): PrincipalMatcher | undefined {
  const { Principal: positive, NotPrincipal: negative } = statement;
  if (positive !== undefined && negative !== undefined) {
    throw new PolicySyntaxError(`${where} has both Principal and NotPrincipal`);
  }
  const written = positive ?? negative;
  if (written === undefined) return undefined;
  const negated = positive === undefined;
  if (written === "*") return { negated, principals: [{ kind: "*", value: "*" }] };
  if (!isRecord(written)) {
    throw new PolicySyntaxError(
      `${where}: Principal is ${quote(written)}; it must be "*" or an object such as {"AWS": …}`,
    );
  }
  const principals = Object.entries(written).flatMap(([kind, values]) =>
    asList(values).map((value) => {
      if (typeof value !== "string")
        throw new PolicySyntaxError(`${where}: Principal ${kind} ${quote(value)} is not a string`);
      return { kind, value };
    }),
  );
  return { negated, principals };
}

function parseConditions(block: unknown, where: string): Condition[] {
  if (block === undefined) return [];
  if (!isRecord(block)) throw new PolicySyntaxError(`${where}: Condition is ${quote(block)}, not an object`);
  return Object.entries(block).flatMap(([operator, keys]) => {
    if (!isRecord(keys))
      throw new PolicySyntaxError(`${where}: Condition ${operator} is ${quote(keys)}, not an object`);
    return Object.entries(keys).map(([key, values]) => ({
      operator,
      key,
      values: asList(values).map((value) => {
        // IAM accepts JSON booleans and numbers here and compares them as text.
        if (typeof value === "string" || typeof value === "boolean" || typeof value === "number") return String(value);
        throw new PolicySyntaxError(
          `${where}: Condition ${operator} ${key} has the value ${quote(value)}, not a string`,
        );
      }),
    }));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PolicySyntaxError(`the document is not JSON: ${(error as Error).message}`);
  }
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value for an error message: JSON, cut at 80 characters. */
function quote(value: unknown): string {
  const text = written(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function written(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Nested too deeply, or circular.
    return Array.isArray(value) ? "[…]" : "{…}";
  }
}
