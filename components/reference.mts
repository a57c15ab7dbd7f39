/** Generates the README's reference: arguments and outputs of each component, from its doc comments. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const COMPONENTS = [
  ...["WebSocketApi", "CallbackFunction", "Table", "Queue", "Schedule", "CustomDomain", "UserPool", "StaticSite"],
  ...["AuditTrail", "ApiGatewayLogging"],
];

/** A type of arguments: an interface, or an intersection or union of properties. */
type Arguments = ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

/** Replaces everything after the README's heading "Reference". */
export function withReference(readme: string): string {
  const [before] = readme.split(/(?<=^## Reference\n)/m);
  return `${before}\nEach component also takes \`tags\` and, as its last argument, Pulumi's options.\n\n${reference()}\n`;
}

/** Markdown with a section for each component. */
function reference(): string {
  return COMPONENTS.map(sectionOf).join("\n\n");
}

function sectionOf(name: string): string {
  const path = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ESNext, true);
  const exported = source.statements.filter((statement) => hasModifier(statement, ts.SyntaxKind.ExportKeyword));
  const component = exported.find(ts.isClassDeclaration);
  if (component === undefined) throw new Error(`${path} exports no component`);
  const members = component.members.flatMap(memberRow);
  return [
    `### ${name}`,
    docOf(component),
    ...argumentsIn(exported, `${name}Args`).map((type) =>
      table([`\`${type.name.text}\``, "Type", "Default", "Description"], rowsOf(type)),
    ),
    ...(members.length === 0 ? [] : [table(["Member", "Type", "Description"], members)]),
  ].join("\n\n");
}

/** Exported types of arguments; the one named `own` comes first. */
function argumentsIn(statements: ts.Statement[], own: string): Arguments[] {
  const all = statements.filter(isArguments);
  return [...all.filter(({ name }) => name.text === own), ...all.filter(({ name }) => name.text !== own)];
}

function isArguments(node: ts.Statement): node is Arguments {
  const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
  return isType && propertiesOf(node).length > 0;
}

function propertiesOf(node: ts.Node): ts.PropertySignature[] {
  if (ts.isPropertySignature(node)) return [node];
  if (ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node)) return node.members.flatMap(propertiesOf);
  if (ts.isTypeAliasDeclaration(node) || ts.isParenthesizedTypeNode(node)) return propertiesOf(node.type);
  return ts.isIntersectionTypeNode(node) || ts.isUnionTypeNode(node) ? node.types.flatMap(propertiesOf) : [];
}

function rowsOf(type: Arguments): string[][] {
  return propertiesOf(type).map((property) => [
    `\`${property.name.getText()}\``,
    typeOf(property),
    property.questionToken === undefined ? "required" : (tagOf(property, "default") ?? "none"),
    docOf(property),
  ]);
}

/** The row of a member; none for private members and for those that exist only for the compiler. */
function memberRow(member: ts.ClassElement): string[][] {
  if (member.name === undefined || ts.isPrivateIdentifier(member.name)) return [];
  if (hasModifier(member, ts.SyntaxKind.DeclareKeyword)) return [];
  const name = member.name.getText();
  if (ts.isPropertyDeclaration(member)) return [[`\`${name}\``, typeOf(member), docOf(member)]];
  if (!ts.isMethodDeclaration(member)) return [];
  const parameters = member.parameters.map(
    (parameter) => `${parameter.dotDotDotToken ? "..." : ""}${shown(parameter)}`,
  );
  const returns = tagOf(member, "returns");
  const does = returns === undefined ? docOf(member) : `${docOf(member)} Returns ${returns}.`;
  return [[`\`${name}(${parameters.join(", ")})\``, typeOf(member), does]];
}

/** Name of a parameter; its type if the parameter is destructured or unused. */
function shown({ name, type }: ts.ParameterDeclaration): string {
  return ts.isIdentifier(name) && name.text !== "_" ? name.text : (type?.getText() ?? "");
}

function typeOf({ type }: { type?: ts.TypeNode | undefined }): string {
  if (type === undefined) return "";
  const text = ts.isTypeLiteralNode(type)
    ? `{ ${type.members
        .flatMap(propertiesOf)
        .map(({ name, type }) => `${name.getText()}: ${type?.getText()}`)
        .join(", ")} }`
    : type.getText();
  return `\`${text.replaceAll("pulumi.", "").replace(/ \| undefined$/, "")}\``;
}

function docOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return oneLine(ts.getTextOfJSDocComment(doc?.comment));
}

function tagOf(node: ts.Node, name: string): string | undefined {
  const tag = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === name);
  return tag && oneLine(ts.getTextOfJSDocComment(tag.comment));
}

function oneLine(text = ""): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind);
}

/** A Markdown table, with its cells padded as the formatter pads them. */
function table(head: string[], rows: string[][]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[], fill = " ") =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0, fill)).join(" | ")} |`;
  const [first = [], ...others] = cells;
  return [
    line(first),
    line(
      head.map(() => ""),
      "-",
    ),
    ...others.map((row) => line(row)),
  ].join("\n");
}
