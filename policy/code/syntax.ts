/** Parses JavaScript into a tree in which each name refers to its declarations and uses. */
import { type AnyNode, type Identifier, parse } from "acorn";
import { parseScript } from "meriyah";

/** A variable, function, class, parameter or import. */
export interface Name {
  /** Declarations; empty for a name from outside the file. */
  declared: AnyNode[];
  /** All uses, including the declarations. */
  uses: Identifier[];
}

const PARENT = Symbol("parent");
const NAME = Symbol("name");

// Stored on the nodes, because filling a map with 100,000 entries takes as long as parsing.
type Linked = AnyNode & { [PARENT]?: AnyNode; [NAME]?: Name };

export function parentOf(node: AnyNode): AnyNode | undefined {
  return (node as Linked)[PARENT];
}

/** The name that an identifier refers to; undefined for property keys, labels and the like. */
export function nameOf(node: AnyNode): Name | undefined {
  return (node as Linked)[NAME];
}

type OfType<T> = Extract<AnyNode, { type: T }>;

/** The nodes of a file. */
export interface Syntax {
  /** Nodes of a type, in source order. */
  of<T extends AnyNode["type"]>(type: T): OfType<T>[];
}

/** @returns undefined for text that isn't JavaScript or is nested too deeply */
export function syntaxOf(text: string): Syntax | undefined {
  try {
    return new Reader().read(treeOf(text));
  } catch {
    return undefined;
  }
}

/**
 * Parses code with the faster parser, or with the more lenient one if the faster one fails.
 *
 * @throws SyntaxError
 */
function treeOf(text: string): AnyNode {
  try {
    return parseScript(text, { next: true, webcompat: true, globalReturn: true }) as AnyNode;
  } catch {
    return parse(text, {
      ecmaVersion: "latest",
      // Scripts may contain `with` statements, which Pulumi wraps functions in.
      sourceType: "script",
      allowImportExportEverywhere: true,
      allowAwaitOutsideFunction: true,
      allowReturnOutsideFunction: true,
      allowHashBang: true,
    });
  }
}

class Scope {
  readonly #names = new Map<string, Name>();
  readonly outer: Scope | undefined;
  /** The scope for `var` declarations. */
  readonly body: Scope;

  constructor(outer?: Scope, isBlock = false) {
    this.outer = outer;
    this.body = isBlock && outer !== undefined ? outer.body : this;
  }

  declare(name: string, node: AnyNode): void {
    this.#own(name).declared.push(node);
  }

  find(name: string): Name {
    let scope: Scope = this;
    while (!scope.#names.has(name) && scope.outer !== undefined) scope = scope.outer;
    return scope.#own(name);
  }

  #own(name: string): Name {
    const known = this.#names.get(name) ?? { declared: [], uses: [] };
    this.#names.set(name, known);
    return known;
  }
}

/** Parts of a node that don't refer to variables. */
const NO_NAMES: Partial<Record<AnyNode["type"], string[]>> = {
  MetaProperty: ["meta", "property"],
  LabeledStatement: ["label"],
  BreakStatement: ["label"],
  ContinueStatement: ["label"],
  ImportSpecifier: ["imported"],
  ImportAttribute: ["key"],
  ExportSpecifier: ["exported"],
  ExportAllDeclaration: ["exported"],
};

class Reader implements Syntax {
  readonly #byType = new Map<string, AnyNode[]>();
  /** References, which are resolved last because a name may be used before its declaration. */
  readonly #unresolved: [Identifier, Scope][] = [];

  read(program: AnyNode): Syntax {
    this.#walk(program, new Scope());
    for (const [identifier, scope] of this.#unresolved) {
      const name = scope.find(identifier.name);
      name.uses.push(identifier);
      (identifier as Linked)[NAME] = name;
    }
    return this;
  }

  of<T extends AnyNode["type"]>(type: T): OfType<T>[] {
    return (this.#byType.get(type) ?? []) as OfType<T>[];
  }

  #walk(node: AnyNode, outer: Scope): void {
    const alike = this.#byType.get(node.type);
    if (alike === undefined) this.#byType.set(node.type, [node]);
    else alike.push(node);
    if (node.type === "Identifier") {
      this.#unresolved.push([node, outer]);
      return;
    }
    const scope = this.#declare(node, outer);
    const skipped = NO_NAMES[node.type];
    const isNamed = "computed" in node && !node.computed;
    // Bundles have 100,000 nodes, so each allocation here counts.
    for (const part in node) {
      const value: unknown = node[part as keyof AnyNode];
      if (typeof value !== "object" || value === null || skipped?.includes(part)) continue;
      if (isNamed && (part === "key" || part === "property")) continue;
      if (!Array.isArray(value)) this.#walkFrom(node, value as AnyNode, scope);
      else for (const child of value) if (child !== null) this.#walkFrom(node, child, scope);
    }
  }

  #walkFrom(parent: AnyNode, child: AnyNode, scope: Scope): void {
    if (typeof child.type !== "string") return;
    (child as Linked)[PARENT] = parent;
    this.#walk(child, scope);
  }

  /** @returns the scope for the children of the node */
  #declare(node: AnyNode, outer: Scope): Scope {
    switch (node.type) {
      case "VariableDeclaration":
        for (const { id } of node.declarations) declareIn(node.kind === "var" ? outer.body : outer, id);
        return outer;
      case "ImportSpecifier":
      case "ImportDefaultSpecifier":
      case "ImportNamespaceSpecifier":
        outer.declare(node.local.name, node);
        return outer;
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression": {
        const scope = new Scope(outer);
        if (node.id) (node.type === "FunctionDeclaration" ? outer : scope).declare(node.id.name, node);
        for (const parameter of node.params) declareIn(scope, parameter);
        return scope;
      }
      case "ClassDeclaration":
      case "ClassExpression": {
        const scope = new Scope(outer, true);
        if (node.id) (node.type === "ClassDeclaration" ? outer : scope).declare(node.id.name, node);
        return scope;
      }
      case "CatchClause": {
        const scope = new Scope(outer, true);
        if (node.param) declareIn(scope, node.param);
        return scope;
      }
      case "StaticBlock":
        return new Scope(outer);
      case "BlockStatement":
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "SwitchStatement":
        return new Scope(outer, true);
      default:
        return outer;
    }
  }
}

/** Declares the names of a pattern, such as `{ a, b: [c = 1] }`. */
function declareIn(scope: Scope, pattern: AnyNode): void {
  if (pattern.type === "Identifier") scope.declare(pattern.name, pattern);
  else if (pattern.type === "ObjectPattern")
    for (const property of pattern.properties)
      declareIn(scope, property.type === "Property" ? property.value : property.argument);
  else if (pattern.type === "ArrayPattern")
    for (const element of pattern.elements) element && declareIn(scope, element);
  else if (pattern.type === "AssignmentPattern") declareIn(scope, pattern.left);
  else if (pattern.type === "RestElement") declareIn(scope, pattern.argument);
}
