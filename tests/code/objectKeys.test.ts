/**
 * Names from outside (of rooms, people, headers, operators) may be `constructor` or `__proto__`, which every object
 * inherits. No code may look up an arbitrary string in an object unless `Object.hasOwn` was checked first or the key
 * can't come from outside. A `Map` needs neither.
 */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Files whose keys don't come from outside or can't be inherited, with the reason. */
const EXCEPTIONS = new Map([
  ["callbacks/bundler.ts", "paths that the same build has written"],
  ["callbacks/bundleCache.ts", "paths of files, which contain slashes"],
  ["callbacks/slimSdk.ts", "esbuild's filter only lets the table's own keys pass"],
  ["cli/pendingCreates.ts", "Pulumi types, which contain colons"],
  ["cli/pulumi.ts", "a signal that the operating system reports"],
  ["handlers/environment.ts", "variables that the handler declares"],
  ["handlers/publish.ts", "positions in a list, and names of a fan-out's counts"],
  ["handlers/listRooms.ts", "heads has its own entry for each room that it was asked for"],
  ["iam/buildCatalog.ts", "names of actions and resource types in AWS's own reference"],
  ["iam/document.ts", "elements of a statement, named by the parser"],
  ["local/endpoint/s3Body.ts", "algorithms that a pattern has matched"],
  ["local/endpoint/sqs.ts", "parameters that the endpoint names"],
  ["local/engine/lazyArborist.ts", "a path of a file, which contains slashes"],
  ["local/engine/monitor.ts", "methods and fields of a protocol definition"],
  ["local/functions/runtime.ts", "the handler that the function names"],
  ["local/gateway/authorizer.ts", "parts of an event that a pattern has matched"],
  ["local/httpApi/openApi.ts", "methods that the file names, and schemes that Object.hasOwn has checked"],
  ["local/preview.ts", "Pulumi types and tokens, which contain colons"],
  ["local/provider.ts", "Pulumi types and tokens, which contain colons"],
  ["local/resources/apigatewayv2/authorizer.ts", "inputs that the model names"],
  ["local/resources/cloudwatch/eventTarget.ts", "inputs that the model names"],
  ["local/resources/lambda/functionEventInvokeConfig.ts", "inputs that the model names"],
  ["local/resources/s3/bucket.ts", "inputs that the model names"],
  ["local/configuration.ts", "keys of a stack's configuration, which contain colons"],
  ["local/store/itemKey.ts", "key attributes of a table"],
  ["local/store/partiql/reader.ts", "S, N and B, which the line before has checked"],
  ["policy/code/syntax.ts", "types of nodes of a syntax tree"],
  ["policy/document/suggestedStatement.ts", "operators and keys that were parsed, and variables of AWS's own ARNs"],
  ["policy/exceptionsInCode.ts", "inputs that the component names"],
  ["policy/fixes/stackArns.ts", "Pulumi types, which contain colons"],
  ["policy/resources/managedPolicies.ts", "properties that the rules name"],
  ["policy/resources/policyDocuments.ts", "Pulumi types, which contain colons, and paths of the table itself"],
  ["policy/resources/roles.ts", "properties that the rules name"],
  ["policy/rules/document/unknownConditionKey.ts", "services that the catalog has"],
  ["policy/rules/resource/publicResource.ts", "Pulumi types, which contain colons"],
  ["policy/rules/resource/sharedGrant.ts", "Pulumi types, which contain colons"],
  ["policy/rules/stack/policiesManagedTwice.ts", "properties that the rule names"],
  ["policy/settings.ts", "names of the pack's own rules"],
  ["stack/stackFiles.ts", "keys of a stack's configuration, which contain colons"],
]);

test("no object is indexed with a key that may come from outside", () => {
  const found = accessesByString(sources());

  const unexplained = found
    .filter(({ file }) => !EXCEPTIONS.has(file))
    .map(({ file, line, text }) => `${file}:${line} ${text}`);
  expect(unexplained).toEqual([]);
  const files = new Set(found.map(({ file }) => file));
  expect([...EXCEPTIONS.keys()].filter((file) => !files.has(file))).toEqual([]);
});

test("keys that may come from outside are distinguished from others", () => {
  const guarded = "Object.hasOwn(heads, room) ? heads[room] : 0";
  const expressions = [
    "heads[room]",
    "heads[room] = 1",
    "room in heads",
    guarded,
    "heads.lobby",
    'heads["lobby"]',
    "list[0]",
  ];
  const texts = expressions.map((expression, i): [string, string] => [
    `example${i}.ts`,
    `export function f(heads: Record<string, number>, room: string, list: string[]) { return ${expression}; }`,
  ]);

  const found = accessesByString(new Map(texts)).map(({ text }) => text);
  expect(found).toEqual(["heads[room]", "heads[room]", "room in heads"]);
});

interface Access {
  file: string;
  line: number;
  text: string;
}

/** The project's own code, excluding tests and benchmarks. */
function sources(): Map<string, string> {
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
    cwd: ROOT,
    encoding: "utf8",
  })
    .trim()
    .split("\n")
    .filter((file) => !/^(tests|bench|policy\/tests)\//.test(file));
  return new Map(
    files.flatMap((file) => {
      const text = ts.sys.readFile(resolve(ROOT, file));
      return text === undefined ? [] : [[file, text]];
    }),
  );
}

function accessesByString(texts: Map<string, string>): Access[] {
  const byPath = new Map([...texts].map(([file, text]) => [resolve(ROOT, file), { file, text }]));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2024,
    strict: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.NodeNext,
    noEmit: true,
    // Imported package types become `any`, which counts as a string. Loading them would take ten times as long.
    noResolve: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (path) => byPath.get(resolve(path))?.text ?? readFile(path);
  host.fileExists = (path) => byPath.has(resolve(path)) || fileExists(path);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (path, ...rest) => {
    const text = byPath.get(resolve(path))?.text;
    return text === undefined
      ? getSourceFile(path, ...rest)
      : ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
  };
  const program = ts.createProgram([...byPath.keys()], options, host);
  const checker = program.getTypeChecker();
  const accesses: Access[] = [];
  for (const source of program.getSourceFiles()) {
    const known = byPath.get(resolve(source.fileName));
    if (known === undefined) continue;
    const visit = (node: ts.Node): void => {
      const [object, key] = partsOf(node) ?? [];
      if (object !== undefined && key !== undefined && mayBeAnyString(checker, key) && !isGuarded(node, object, key)) {
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        accesses.push({ file: known.file, line, text: node.getText().slice(0, 80) });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return accesses;
}

/** The object and the key of `object[key]`, or of `key in object`. */
function partsOf(node: ts.Node): [object: ts.Node, key: ts.Node] | undefined {
  if (ts.isElementAccessExpression(node)) return [node.expression, node.argumentExpression];
  const isIn = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InKeyword;
  return isIn && !ts.isPrivateIdentifier(node.left) ? [node.right, node.left] : undefined;
}

function mayBeAnyString(checker: ts.TypeChecker, key: ts.Node): boolean {
  if (ts.isStringLiteralLike(key) || ts.isNumericLiteral(key)) return false;
  return (checker.getTypeAtLocation(key).flags & (ts.TypeFlags.String | ts.TypeFlags.Any)) !== 0;
}

/** Whether the same function calls `Object.hasOwn` with the same object and key. */
function isGuarded(node: ts.Node, object: ts.Node, key: ts.Node): boolean {
  let scope = node.parent;
  while (scope.parent !== undefined && !ts.isFunctionLike(scope)) scope = scope.parent;
  const name = (part: ts.Node): string =>
    ts.isAsExpression(part) || ts.isParenthesizedExpression(part) ? name(part.expression) : part.getText();
  return scope.getText().includes(`Object.hasOwn(${name(object)}, ${name(key)})`);
}
