/**
 * Tests that archives depend only on the files that they are made from, by copying, changing and previewing the
 * program.
 */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { codeOf, type Inputs, ofType, previewStack, ROOT } from "./stack.ts";

test("archives are the same from a different folder or with fewer other functions, and change with their files", async () => {
  const functions = ofType((await previewStack("dev")).registrations, "aws:lambda/function:Function");
  const folder = await mkdtemp(join(tmpdir(), "elsewhere-"));
  const sources = [
    "cache",
    "callbacks",
    "chat",
    "components",
    "handlers",
    "iam",
    "protocol",
    "settings",
    "config.ts",
    "index.ts",
    "page.ts",
    "package.json",
  ];
  const settings = ["Pulumi.yaml", "Pulumi.dev.yaml", "tsconfig.json", "tsconfig.pulumi.json"];
  for (const source of [...sources, ...settings]) {
    await cp(join(ROOT, source), join(folder, source), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const program = await readFile(join(folder, "index.ts"), "utf8");
  await writeFile(join(folder, "index.ts"), withoutFunctions(program, ["hello", "react", "getHistory"]));

  const elsewhere = ofType(
    (await previewStack("dev", { "chat:page": "false" }, folder)).registrations,
    "aws:lambda/function:Function",
  );

  expect(elsewhere.size).toBe(functions.size - 3);
  for (const [name, lambda] of elsewhere) expect(codeOf(lambda, folder)).toBe(codeOf(functions.get(name) as Inputs));

  // Every bundle is cached now, and a changed file must cause a rebuild of the bundles that contain it.
  const handler = join(folder, "handlers/unknownAction.ts");
  await writeFile(handler, `${await readFile(handler, "utf8")}\nexport const planted = "a change";\n`);
  const changed = ofType(
    (await previewStack("dev", { "chat:page": "false" }, folder)).registrations,
    "aws:lambda/function:Function",
  );
  const planted = [...changed]
    .filter(([, lambda]) => codeOf(lambda, folder).includes("a change"))
    .map(([name]) => name);
  expect(planted).toEqual(["unknownAction"]);
  for (const [name, lambda] of changed) {
    if (name !== "unknownAction") expect(codeOf(lambda, folder)).toBe(codeOf(functions.get(name) as Inputs));
  }
  await rm(folder, { recursive: true });
});

/** The program without these functions. @throws Error for an unknown name */
function withoutFunctions(program: string, names: string[]): string {
  const source = ts.createSourceFile("index.ts", program, ts.ScriptTarget.Latest);
  const found = new Map<string, ts.PropertyAssignment>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && makesFunction(node.initializer)) found.set(node.name.getText(source), node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names
    .map((name) => {
      const node = found.get(name);
      if (node === undefined) throw new Error(`index.ts has no function "${name}"`);
      return node;
    })
    .sort((a, b) => b.pos - a.pos)
    .reduce((text, { pos, end }) => text.slice(0, pos) + text.slice(end).replace(/^,/, ""), program);
}

/** Recognizes `chatFunction<Uses>()("name", {…})`. */
function makesFunction(node: ts.Expression): boolean {
  if (!ts.isCallExpression(node) || !ts.isCallExpression(node.expression)) return false;
  const { expression: callee } = node.expression;
  return ts.isIdentifier(callee) && callee.text === "chatFunction";
}
