/** Finds uses of the SDK's commands and paginators in code. */
import type { AnyNode, Identifier, Literal, MemberExpression, NewExpression } from "acorn";
import { ancestor, type BundledSdk, isFunction } from "./bundledSdk.ts";
import { importedAs, keyOf, textOf } from "./modules.ts";
import { nameOf, parentOf, type Syntax } from "./syntax.ts";

export interface Mention {
  /** Name in the SDK, such as `GetItemCommand`, `paginateQuery`, `waitUntilTableExists` or `Upload`. */
  name: string;
  /** The module that it comes from, if known. */
  source?: string;
  /** Whether the code creates the command or calls the function here; otherwise the code only passes it on. */
  isCall: boolean;
}

const NAME = /^([A-Z]\w*Command|paginated?[A-Z]\w*|waitUntil[A-Z]\w*|Upload)$/;

/** Uses of the SDK's exports that call operations: commands, paginators, waiters and `Upload`. */
export function mentionsIn(syntax: Syntax, inside: BundledSdk): Mention[] {
  const nodes = [...syntax.of("Identifier"), ...syntax.of("MemberExpression"), ...syntax.of("Literal")];
  return nodes.flatMap((node) => {
    const { name, source } = mentioned(node, inside);
    if (name === undefined || !NAME.test(name)) return [];
    const use = useOf(node, name);
    if (use === "none" || (inside.isWithin(node) && use !== "renamed")) return [];
    return [{ name, ...(source === undefined ? {} : { source }), isCall: use === "call" }];
  });
}

function mentioned(
  node: Identifier | MemberExpression | Literal,
  inside: BundledSdk,
): { name?: string | undefined; source?: string } {
  if (node.type === "Literal") return { name: isValue(node) ? textOf(node) : undefined };
  if (node.type === "MemberExpression" && !NAME.test(keyOf(node) ?? "")) return {};
  const name = inside.commandOf(node);
  return name === undefined ? (importedAs(node) ?? {}) : { name };
}

/** Whether a literal is a value, not the SDK's name for a class as in `.n("DynamoDBClient", "PutItemCommand")`. */
function isValue(node: AnyNode): boolean {
  const parent = parentOf(node);
  return !(parent?.type === "CallExpression" && keyOf(parent.callee) === "n");
}

/** `handed on`: passed to other code. `renamed`: stored in an object under another name. */
type Use = "call" | "handed on" | "renamed" | "none";

/** Parents of a name that is declared, imported, compared or discarded. */
const NO_USE = /^((Binary|Unary)Expression|ExpressionStatement|(Import|Export)\w*Specifier)$/;

export function useOf(node: AnyNode, name: string): Use {
  const parent = parentOf(node);
  if (parent === undefined || NO_USE.test(parent.type)) return "none";
  if (parent.type === "SequenceExpression" || parent.type === "ChainExpression") return useOf(parent, name);
  if (parent.type === "NewExpression" && parent.callee === node) return isOffered(parent, name) ? "handed on" : "call";
  if (parent.type === "CallExpression" && parent.callee === node) return "call";
  if (parent.type === "MemberExpression") return parent.object === node ? "none" : "handed on";
  if (("id" in parent && parent.id === node) || ("left" in parent && parent.left === node)) return "none";
  if (parent.type === "Property" && parentOf(parent)?.type === "ObjectPattern") return "none";
  const key = keyAround(node, parent);
  if (key === undefined) return "handed on";
  return key === name ? "none" : "renamed";
}

/**
 * The key under which a value is stored in an object: `K: a`, `K: () => a`, `get K() { return a }`, `exports.K = a`.
 */
function keyAround(node: AnyNode, parent = parentOf(node)): string | undefined {
  if (parent?.type === "Property") return parent.value === node ? keyOf(parent) : undefined;
  if (parent?.type === "AssignmentExpression") return keyOf(parent.left);
  if (parent?.type === "ArrowFunctionExpression") return parent.body === node ? keyAround(parent) : undefined;
  const getter = parent?.type === "ReturnStatement" ? ancestor(parent, isFunction) : undefined;
  return getter === undefined ? undefined : keyAround(getter);
}

/**
 * Whether the SDK creates the command in a function that it offers but doesn't call itself:
 *
 *     async (client, input) => { try { … client.send(new A(input)) … } … }    a waiter
 *     async function* (config, input) { … new A({ ...input, … }) … }          a paginator
 *     get(input, options, callback) { … new GetCommand(input) … }             a method of the document client
 */
function isOffered(made: NewExpression, name: string): boolean {
  const around = ancestor(made, isFunction);
  if (around === undefined || !("params" in around)) return false;
  const [written] = made.arguments;
  const [first] = written?.type === "ObjectExpression" ? written.properties : [];
  const input = first?.type === "SpreadElement" ? first.argument : written;
  const place = around.params.findIndex((parameter) => input && nameOf(input)?.declared[0] === parameter);
  const method = parentOf(around);
  // In a bundle, the document client's command wraps a `GetItemCommand`, so the method's name (`get`) is only a prefix
  // of the command's name.
  if (method?.type === "MethodDefinition")
    return place === 0 && name.toLowerCase().startsWith((keyOf(method) ?? "?").toLowerCase());
  const isTried = ancestor(made, (outer) => outer.type === "TryStatement" || outer === around) !== around;
  return place === 1 && around.params.length === 2 && (isTried || around.generator);
}
