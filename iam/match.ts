/** Compares patterns with values as IAM does: wildcards, ARNs segment by segment, policy variables. */

/** Part of a pattern: literal text, or one of the wildcards `*` and `?`. */
type Piece = { literal: string } | { wildcard: "*" | "?" };

/** Returns a request's values of a condition key, given in lower case; undefined if the request lacks the key. */
export type Context = (key: string) => readonly string[] | undefined;

/**
 * Looks up values by key, case-insensitively. If the values are given as a function, it is called only when a statement
 * needs them.
 */
export function contextOf(
  context: Record<string, string | string[]> | (() => Record<string, string | string[]>) = {},
): Context {
  let values: ReadonlyMap<string, readonly string[]> | undefined;
  return (key) => {
    values ??= new Map(
      Object.entries(typeof context === "function" ? context() : context).map(([name, value]) => [
        name.toLowerCase(),
        Array.isArray(value) ? value : [value],
      ]),
    );
    return values.get(key);
  };
}

/** Compares actions: case-insensitive, with wildcards and without variables. */
export function matchesAction(pattern: string, action: string): boolean {
  const [wanted, name] = [pattern.toLowerCase(), action.toLowerCase()];
  return /[*?]/.test(wanted) ? matchesPieces(pieces(wanted), name) : wanted === name;
}

/**
 * Compares resources, case-sensitively. The first five segments of an ARN are compared one by one, so that a wildcard
 * in one of them doesn't extend into the next; in the last part a wildcard also matches `/` and `:`.
 *
 * @param variables the request's context if the document's version supports policy variables, else undefined
 */
export function matchesResource(pattern: string, resource: string, variables: Context | undefined): boolean {
  const resolved = resolve(pattern, variables);
  if (resolved === undefined) return false;
  return matchesArn(resolved, resource);
}

/** Compares text with wildcards and variables, as `StringLike` does. */
export function matchesText(pattern: string, value: string, variables: Context | undefined): boolean {
  const resolved = resolve(pattern, variables);
  return resolved !== undefined && matchesPieces(resolved, value);
}

/** Compares two ARNs as the `Arn…` operators do. */
export function matchesArnText(pattern: string, value: string, variables: Context | undefined): boolean {
  const resolved = resolve(pattern, variables);
  return resolved !== undefined && value.startsWith("arn:") && matchesArn(resolved, value);
}

/** The text of a value with its variables filled in and no wildcards, as `StringEquals` compares it. */
export function literalText(text: string, variables: Context | undefined): string | undefined {
  return resolve(text, variables)
    ?.map((piece) => ("literal" in piece ? piece.literal : piece.wildcard))
    .join("");
}

/**
 * Whether a resource of a type could match a pattern.
 *
 * @param template the type's ARN, such as `arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}`
 */
export function canMatch(template: string, pattern: string): boolean {
  // A policy variable may have any value.
  const wanted = pieces(pattern.replace(/\$\{[^{}]*\}/g, "*")).flatMap(characters);
  const given = tokensOf(template);
  // `row[j]` says whether the first j characters of the pattern can match the tokens of the template seen so far.
  const named = wanted.findIndex((piece) => piece !== "*");
  let row = Array.from({ length: wanted.length + 1 }, (_, j) => named === -1 || j <= named);
  for (const token of given) {
    const isName = typeof token !== "string";
    const mayBeEmpty = isName && token.mayBeEmpty;
    const next = [mayBeEmpty && (row[0] as boolean)];
    for (let j = 1; j <= wanted.length; j++) {
      const piece = wanted[j - 1] as string;
      const consumes = isName
        ? piece === "*" || piece === "?" || token.takes.test(piece)
        : piece === "*" || piece === "?" || piece === token;
      const isConsumed = consumes && ((row[j - 1] as boolean) || (isName && (next[j - 1] as boolean)));
      const goesOn = (piece === "*" || mayBeEmpty) && (row[j] as boolean);
      next.push(isConsumed || goesOn || (piece === "*" && (next[j - 1] as boolean)));
    }
    row = next;
    // Most templates belong to another service, so the first twenty characters are usually enough.
    if (!row.includes(true)) return false;
  }
  return row.at(-1) as boolean;
}

/** Variables whose values may contain slashes. */
const HAS_SLASHES =
  /Object|Path|Log|Parameter|Secret|Repository|Resource|Topic|Image|Certificate|Alias|Arn$|^Name$|Relative|Dashboard|Key|Thing|Domain|Stream|Id$/;

type Token = string | { takes: RegExp; mayBeEmpty: boolean };

/** The characters of a template, with its variables as character classes. */
function tokensOf(template: string): Token[] {
  return template.split(/(\$\{\w+\})/).flatMap((part, i, parts): Token[] => {
    if (!part.startsWith("${")) return [...part];
    const name = part.slice(2, -1);
    // AWS's own resources have no account, and the path of an API's root is empty.
    const mayBeEmpty = /^Region$|^Account$|Path/.test(name);
    return [{ takes: charactersOf(name, i >= parts.length - 2), mayBeEmpty }];
  });
}

/** The last name of an ARN may continue after a colon: `function:orders:live` belongs to the function. */
function charactersOf(name: string, isLast: boolean): RegExp {
  if (HAS_SLASHES.test(name) && name !== "BucketName") return isLast ? /./ : /[^:]/;
  return isLast && name === "FunctionName" ? /[^/]/ : /[^/:]/;
}

function characters(piece: Piece): string[] {
  return "literal" in piece ? [...piece.literal] : [piece.wildcard];
}

function matchesArn(pattern: readonly Piece[], value: string): boolean {
  if (pattern.length === 1 && isStar(pattern[0])) return true;
  const [patternSegments, valueSegments] = [segmentsOf(pattern), value.split(":")];
  if (patternSegments.length < 6 || valueSegments.length < 6) return matchesPieces(pattern, value);
  for (let i = 0; i < 5; i++) {
    if (!matchesPieces(patternSegments[i] as Piece[], valueSegments[i] as string)) return false;
  }
  return matchesPieces(patternSegments[5] as Piece[], valueSegments.slice(5).join(":"));
}

/** Segments of parsed patterns, cached like the patterns. */
const knownSegments = new WeakMap<readonly Piece[], Piece[][]>();

function segmentsOf(pattern: readonly Piece[]): Piece[][] {
  const known = knownSegments.get(pattern);
  if (known !== undefined) return known;
  const all = split(pattern);
  const rest = all.slice(5).flatMap((segment, i) => (i === 0 ? segment : [{ literal: ":" }, ...segment]));
  const made = all.length < 6 ? all : [...all.slice(0, 5), rest];
  knownSegments.set(pattern, made);
  return made;
}

/** Splits a pattern at the colons in its literal text. */
function split(pattern: readonly Piece[]): Piece[][] {
  const out: Piece[][] = [[]];
  for (const piece of pattern) {
    if ("wildcard" in piece) {
      out.at(-1)?.push(piece);
      continue;
    }
    piece.literal.split(":").forEach((literal, i) => {
      if (i > 0) out.push([]);
      if (literal !== "") out.at(-1)?.push({ literal });
    });
  }
  return out;
}

/**
 * Splits a pattern into literals and wildcards and fills in variables; a value from the request is
 * literal, even if it has wildcards. Undefined when a variable has no value: such a pattern matches nothing.
 */
function resolve(pattern: string, variables: Context | undefined): readonly Piece[] | undefined {
  if (variables === undefined || !pattern.includes("${")) return pieces(pattern);
  const out: Piece[] = [];
  let rest = pattern;
  for (;;) {
    const start = rest.indexOf("${");
    const end = start === -1 ? -1 : rest.indexOf("}", start);
    if (end === -1) return [...out, ...pieces(rest)];
    out.push(...pieces(rest.slice(0, start)));
    const value = variableValue(rest.slice(start + 2, end), variables);
    if (value === undefined) return undefined;
    out.push({ literal: value });
    rest = rest.slice(end + 1);
  }
}

function variableValue(variable: string, variables: Context): string | undefined {
  if (variable === "*" || variable === "?" || variable === "$") return variable;
  const comma = variable.indexOf(",");
  const key = (comma === -1 ? variable : variable.slice(0, comma)).trim().toLowerCase();
  const values = variables(key);
  if (values?.length === 1) return values[0];
  const fallback = comma === -1 ? undefined : /^\s*'(.*)'\s*$/.exec(variable.slice(comma + 1));
  return values === undefined ? fallback?.[1] : undefined;
}

/** Parsed patterns, by text. They are kept because there are few, and each is compared with every request. */
const knownPieces = new Map<string, readonly Piece[]>();
const MAX_KNOWN_PATTERNS = 10_000;

function pieces(text: string): readonly Piece[] {
  const known = knownPieces.get(text);
  if (known !== undefined) return known;
  const made = text
    .replace(/\*+/g, "*")
    .split(/([*?])/)
    .filter((part) => part !== "")
    .map((part): Piece => (part === "*" || part === "?" ? { wildcard: part } : { literal: part }));
  if (knownPieces.size >= MAX_KNOWN_PATTERNS) knownPieces.clear();
  knownPieces.set(text, made);
  return made;
}

/** Greedy matching with one backtracking point: linear for one asterisk and never exponential. */
function matchesPieces(pattern: readonly Piece[], value: string): boolean {
  let [p, v] = [0, 0];
  let back: { piece: number; position: number } | undefined;
  for (;;) {
    const piece = pattern[p];
    if (piece === undefined && v === value.length) return true;
    if (piece !== undefined && isStar(piece)) {
      back = { piece: ++p, position: v };
      continue;
    }
    if (piece !== undefined && "literal" in piece && value.startsWith(piece.literal, v)) {
      v += piece.literal.length;
      p += 1;
      continue;
    }
    if (piece !== undefined && "wildcard" in piece && v < value.length) {
      v += 1;
      p += 1;
      continue;
    }
    if (back === undefined || back.position >= value.length) return false;
    back.position += 1;
    [p, v] = [back.piece, back.position];
  }
}

function isStar(piece: Piece | undefined): boolean {
  return piece !== undefined && "wildcard" in piece && piece.wildcard === "*";
}
