import * as ts from "typescript";

export interface Hoisted {
  /** Source text with each `import("path")` replaced by `__imports[i]`. */
  text: string;
  /** The paths, in the order of their first use. */
  imports: string[];
}

/**
 * Replaces the dynamic imports of a serialized callback, so that the bundler can make them static. Modules
 * are then loaded while the execution environment starts, with a full core, instead of in the first invocation.
 */
export function hoistImports(text: string): Hoisted {
  const source = ts.createSourceFile("callback.js", text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const imports: string[] = [];
  const edits: { start: number; end: number; index: number }[] = [];
  const visit = (node: ts.Node): void => {
    const path = importedPath(node);
    if (path === undefined) {
      ts.forEachChild(node, visit);
      return;
    }
    if (!imports.includes(path)) imports.push(path);
    edits.push({ start: node.getStart(source), end: node.getEnd(), index: imports.indexOf(path) });
  };
  visit(source);
  const hoisted = edits.reduceRight(
    (result, { start, end, index }) => `${result.slice(0, start)}__imports[${index}]${result.slice(end)}`,
    text,
  );
  return { text: hoisted, imports };
}

function importedPath(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) return undefined;
  const [argument] = node.arguments;
  return argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : undefined;
}
