/** Imports of a file and their local names. */
import type { AnyNode, CallExpression } from "acorn";
import { nameOf, parentOf, type Syntax } from "./syntax.ts";

export interface Imported {
  /** Undefined if it isn't certain that the source is a module. */
  source?: string;
  /** Exported name; undefined for the whole module. */
  name?: string;
}

/** Maximum number of renames to follow. */
const MAX_NAMES = 5;

/** The import behind an expression, if it comes from a module or from outside the file. */
export function importedAs(node: AnyNode | null | undefined, depth = 0): Imported | undefined {
  if (!node || depth > MAX_NAMES) return undefined;
  if (node.type === "MemberExpression") {
    const name = keyOf(node);
    const source = importedAs(node.object, depth + 1)?.source;
    return name === undefined ? undefined : partOf(source, name);
  }
  if (node.type !== "Identifier") {
    const source = sourceOf(node);
    return source === undefined ? undefined : { source };
  }
  const declared = nameOf(node)?.declared ?? [];
  if (declared.length === 0) return { name: node.name };
  return declared
    .map((declaration) => byDeclaration(declaration, depth + 1))
    .find((imported) => imported !== undefined);
}

function partOf(source: string | undefined, name: string): Imported {
  return { ...(source === undefined ? {} : { source }), ...(name === "default" ? {} : { name }) };
}

function byDeclaration(declared: AnyNode, depth: number): Imported | undefined {
  const parent = parentOf(declared);
  if (parent?.type === "ImportDeclaration") {
    const source = String(parent.source.value);
    if (declared.type !== "ImportSpecifier") return { source };
    const { imported } = declared;
    return partOf(source, imported.type === "Identifier" ? imported.name : String(imported.value));
  }
  if (parent?.type === "VariableDeclarator") return importedAs(parent.init, depth);
  const property = parent?.type === "AssignmentPattern" ? parentOf(parent) : parent;
  const pattern = property && parentOf(property);
  const name = property?.type === "Property" && pattern?.type === "ObjectPattern" ? keyOf(property) : undefined;
  if (name === undefined) return undefined;
  const from = pattern && parentOf(pattern);
  return partOf(from?.type === "VariableDeclarator" ? importedAs(from.init, depth)?.source : undefined, name);
}

/** The module that an expression imports: `require("a")`, `await import("a")`, `__toESM(require("a"))`. */
function sourceOf(node: AnyNode): string | undefined {
  if (node.type === "AwaitExpression") return sourceOf(node.argument);
  if (node.type === "ImportExpression") return textOf(node.source);
  if (node.type !== "CallExpression") return undefined;
  if (isRequire(node)) return textOf(node.arguments[0]);
  return node.arguments.map(sourceOf).find((source) => source !== undefined);
}

function isRequire({ callee }: CallExpression): boolean {
  return callee.type === "Identifier" && /^(__)?require$/.test(callee.name);
}

/** The modules that a file imports, with undefined for a module whose name is computed at run time. */
export function sourcesIn(syntax: Syntax): (string | undefined)[] {
  const declarations = [
    ...syntax.of("ImportDeclaration"),
    ...syntax.of("ExportNamedDeclaration"),
    ...syntax.of("ExportAllDeclaration"),
  ];
  return [
    ...declarations.flatMap(({ source }) => (source ? [textOf(source)] : [])),
    ...syntax.of("ImportExpression").map(({ source }) => textOf(source)),
    ...syntax.of("CallExpression").flatMap((call) => (isRequire(call) ? [textOf(call.arguments[0])] : [])),
  ];
}

/** The name of a property, such as `b` in `a.b`, `a["b"]`, `{ b: 1 }` and `{ "b": 1 }`. */
export function keyOf(node: AnyNode): string | undefined {
  const key = node.type === "MemberExpression" ? node.property : "key" in node ? node.key : undefined;
  if (key === undefined) return undefined;
  return key.type === "Identifier" && !("computed" in node && node.computed) ? key.name : textOf(key);
}

export function textOf(node: AnyNode | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  return node?.type === "TemplateLiteral" && node.expressions.length === 0
    ? (node.quasis[0]?.value.cooked ?? undefined)
    : undefined;
}

/** Whether a module may make AWS calls: one from outside the SDK and Node.js, or one of {@link CALLS_BY_ITSELF}. */
export function isForeign(source: string | undefined): boolean {
  return source === undefined || !(KNOWN.test(source) || BUILT_IN.has(source)) || CALLS_BY_ITSELF.test(source);
}

const KNOWN = /^(node:|\.|@aws-sdk\/|@smithy\/|aws-sdk(\/|$)|aws-lambda$|aws-crt$)/;
/** SDK packages that make or sign calls. */
const CALLS_BY_ITSELF = /^@aws-sdk\/(credential-providers|s3-presigned-post|.*-signer)$|^@smithy\/signature-v4/;

const BUILT_IN = new Set(
  "assert async_hooks buffer child_process cluster console crypto dgram diagnostics_channel dns domain events fs fs/promises http http2 https module net os path path/posix perf_hooks process punycode querystring readline stream stream/promises stream/web string_decoder timers timers/promises tls tty url util v8 vm worker_threads zlib".split(
    " ",
  ),
);
