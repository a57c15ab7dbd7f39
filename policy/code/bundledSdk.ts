/**
 * Finds the parts of the SDK in a bundle, in the forms that bundlers produce:
 *
 *     A=class extends b(c,d,"PutItem",e){}                       a command, by its schema
 *     A=class extends B.classBuilder()….s("Service","PutItem",{})….build(){}
 *     F=class extends G{… this.clientCommand=new A(…) …}         the document client's wrapper of A
 *     P=c(Client,A,"ExclusiveStartKey","LastEvaluatedKey",…)     a paginator that calls A
 */
import type { AnyNode, CallExpression, NewExpression } from "acorn";
import { importedAs, keyOf, textOf } from "./modules.ts";
import { type Name, nameOf, parentOf, type Syntax } from "./syntax.ts";

export interface BundledSdk {
  /** The command (such as `PutItemCommand`) or paginator that a name in the bundle stands for. */
  commandOf(node: AnyNode): string | undefined;
  /** Whether a node is inside the SDK, where creating a command isn't yet a call. */
  isWithin(node: AnyNode): boolean;
  isEmpty: boolean;
}

type Class = Extract<AnyNode, { type: "ClassDeclaration" | "ClassExpression" }>;

export function bundledSdk(syntax: Syntax): BundledSdk {
  const commands = new Map<Name, string>();
  const own = new Set<AnyNode>();
  const add = (command: string, definition: Class) => {
    for (const name of namesOf(definition)) commands.set(name, command);
    const module = moduleAround(definition);
    if (module !== undefined) own.add(module);
  };
  const commandOf = (node: AnyNode) => {
    const name = nameOf(node);
    return name === undefined ? undefined : commands.get(name);
  };
  for (const definition of [...syntax.of("ClassDeclaration"), ...syntax.of("ClassExpression")]) {
    const operation = operationOf(definition.superClass);
    if (operation !== undefined) add(`${operation}Command`, definition);
  }
  for (const made of syntax.of("NewExpression")) {
    if (!isClientCommand(made)) continue;
    const wrapper = ancestor(made, isClass) as Class | undefined;
    const command = commandOf(made.callee) ?? importedAs(made.callee)?.name;
    if (wrapper === undefined || command === undefined) continue;
    own.add(wrapper);
    add(command, wrapper);
  }
  for (const call of syntax.of("CallExpression")) {
    const [, command, ...tokens] = call.arguments;
    const name = command && commandOf(command);
    const isPaginator = tokens.length >= 2 && tokens.slice(0, 2).every((token) => textOf(token) !== undefined);
    const paginators = isPaginator ? namesOf(call) : [];
    if (name === undefined || paginators.length === 0) continue;
    own.add(call);
    for (const paginator of paginators) commands.set(paginator, `paginate${name.replace(/Command$/, "")}`);
  }
  return {
    commandOf,
    isWithin: (node) => ancestor(node, (outer) => own.has(outer)) !== undefined,
    isEmpty: commands.size === 0,
  };
}

function isClass(node: AnyNode): node is Class {
  return node.type === "ClassDeclaration" || node.type === "ClassExpression";
}

export function isFunction(node: AnyNode): boolean {
  return /^(Arrow)?Function/.test(node.type);
}

/** The nearest enclosing node that a test accepts. */
export function ancestor(node: AnyNode, accept: (node: AnyNode) => boolean): AnyNode | undefined {
  let outer = parentOf(node);
  while (outer !== undefined && !accept(outer)) outer = parentOf(outer);
  return outer;
}

/** The operation of a command's class, from the class that it extends. */
function operationOf(extended: AnyNode | null | undefined): string | undefined {
  if (extended?.type !== "CallExpression") return undefined;
  const texts = extended.arguments.map((argument) => textOf(argument));
  if (texts.length === 4 && /^[A-Z]\w+$/.test(texts[2] ?? "")) return texts[2];
  if (extended.callee.type !== "MemberExpression") return undefined;
  return keyOf(extended.callee) === "s" && texts.length >= 2 ? texts[1] : operationOf(extended.callee.object);
}

function namesOf(definition: Class | CallExpression): Name[] {
  const parent = parentOf(definition);
  const assigned = parent?.type === "VariableDeclarator" ? parent.id : undefined;
  const target = parent?.type === "AssignmentExpression" ? parent.left : assigned;
  const id = "id" in definition ? definition.id : undefined;
  return [id, target].flatMap((node) => (node ? (nameOf(node) ?? []) : []));
}

/** The function that wraps a CommonJS module in a bundle; undefined if all modules share one scope. */
function moduleAround(definition: AnyNode): AnyNode | undefined {
  const wrapper = ancestor(definition, isFunction);
  return wrapper !== undefined && "params" in wrapper && wrapper.params.length > 0 ? wrapper : undefined;
}

/** Recognizes `this.clientCommand = new A()`, as an assignment, a field, or a field that a function defines. */
function isClientCommand(made: NewExpression): boolean {
  const parent = parentOf(made);
  if (parent?.type === "AssignmentExpression") return keyOf(parent.left) === "clientCommand";
  if (parent?.type === "CallExpression")
    return parent.arguments.some((argument) => textOf(argument) === "clientCommand");
  return parent?.type === "PropertyDefinition" && keyOf(parent) === "clientCommand";
}
