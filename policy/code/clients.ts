/** Finds method calls on clients of SDK version 2, and on clients of version 3 that have operations as methods. */
import type { AnyNode, CallExpression, NewExpression } from "acorn";
import { isFunction } from "./bundledSdk.ts";
import { importedAs, keyOf, textOf } from "./modules.ts";
import { prefixOf } from "./services.ts";
import { type Name, nameOf, parentOf, type Syntax } from "./syntax.ts";

export interface MethodCall {
  /** Operation such as `GetObject`; empty for a method whose name is computed at run time. */
  operation: string;
  /** Service of the client; undefined if it isn't certain that the object is a client. */
  service?: string;
  isCalled: boolean;
}

/** Method calls on clients. In a file that creates clients, calls on all objects count: any of them may be a client. */
export function methodsIn(syntax: Syntax, services: Set<string>): MethodCall[] {
  const made = [...syntax.of("NewExpression"), ...syntax.of("CallExpression")].flatMap((node) => {
    const service = serviceOf(node, services);
    return service === undefined ? [] : [{ node, service }];
  });
  if (made.length === 0) return [];
  const byName = new Map<Name | string, string>();
  for (const { node, service } of made) for (const holder of holdersOf(node)) byName.set(holder, service);
  const byNode = new Map<AnyNode, string>(made.map(({ node, service }) => [node, service]));
  const clientAt = (node: AnyNode): string | undefined =>
    byNode.get(node) ??
    byName.get((node.type === "MemberExpression" ? keyOf(node) : nameOf(node)) ?? "") ??
    (node.type === "AwaitExpression" ? clientAt(node.argument) : undefined);
  return syntax.of("MemberExpression").flatMap((node) => {
    const [service, method] = [clientAt(node.object), keyOf(node)];
    const parent = parentOf(node);
    const isCalled = parent?.type === "CallExpression" && parent.callee === node;
    if (method === undefined) return service === undefined ? [] : [{ operation: "", service, isCalled }];
    if (NO_OPERATIONS.has(method) || !/^[a-z]\w+$/.test(method)) return [];
    // `getSignedUrl("getObject", …)` names an operation, which runs with the signer's permissions.
    const signed = isCalled && /^getSignedUrl/.test(method) ? textOf(parent.arguments[0]) : undefined;
    const operation = (signed ?? method).replace(/^./, (letter) => letter.toUpperCase());
    return [{ operation, isCalled, ...(service === undefined ? {} : { service }) }];
  });
}

const NO_OPERATIONS = new Set(["promise", "send", "destroy", "on", "config", "middlewareStack", "from", "service"]);

/** The service of a client that an expression creates: `new AWS.S3()`, `new S3({})`, `DynamoDBDocument.from(…)`. */
function serviceOf(node: NewExpression | CallExpression, services: Set<string>): string | undefined {
  const { callee } = node;
  const made = node.type === "CallExpression" && callee.type === "MemberExpression" ? callee.object : callee;
  const { source = "", name } = importedAs(made) ?? {};
  if (node.type === "CallExpression") return name === "DynamoDBDocument" ? "dynamodb" : undefined;
  const [, own] = /^aws-sdk\/clients\/(\w+)$/.exec(source) ?? [];
  if (own !== undefined) return prefixOf(own);
  if (name === "DocumentClient") return "dynamodb";
  if (name === undefined || !/^[A-Z]/.test(name) || /(Client|Command)$/.test(name)) return undefined;
  const service = prefixOf(name);
  return source === "aws-sdk" || services.has(service) ? service : undefined;
}

/** The variables and properties that hold the value of an expression, as in `a = b ?? wrap(new S3())`. */
function holdersOf(node: AnyNode): (Name | string)[] {
  const parent = parentOf(node);
  if (parent === undefined || isFunction(parent)) return [];
  if (parent.type === "VariableDeclarator" && parent.id.type === "Identifier") return [nameOf(parent.id) ?? []].flat();
  if (parent.type === "AssignmentExpression" && parent.left !== node) {
    const name = parent.left.type === "MemberExpression" ? keyOf(parent.left) : nameOf(parent.left);
    return [...(name === undefined ? [] : [name]), ...holdersOf(parent)];
  }
  if (parent.type === "PropertyDefinition" || parent.type === "Property") return [keyOf(parent) ?? []].flat();
  const isHandedOver = parent.type === "CallExpression" && parent.callee !== node;
  const isChosen = /^(Await|Logical|Conditional|Sequence|Chain)Expression$|^AssignmentPattern$/.test(parent.type);
  return isHandedOver || isChosen ? holdersOf(parent) : [];
}
