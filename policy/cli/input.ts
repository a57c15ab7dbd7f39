/** Inputs of the command line: documents, templates and exported stacks, in files, folders or standard input. */
import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DocumentKind } from "../document/subject.ts";
import type { StackResource } from "../resources/resource.ts";
import { InputError, reasonOf, UnrelatedFile } from "./inputError.ts";
import { decoded, parsed } from "./parseText.ts";

export type Input =
  | { kind: "document"; file: string; document: unknown }
  | { kind: "template"; file: string; template: string }
  | { kind: "stack"; file: string; resources: StackResource[] };

/** What was read, and why some files of a folder couldn't be. */
interface Inputs {
  inputs: Input[];
  /** One message per file. */
  unreadable: string[];
}

const CHECKED = /\.(json|ya?ml|template)$/;

/**
 * Reads documents, templates and exported stacks. In folders, files that are something else are skipped, and those that
 * can't be read are reported, because they could hold anything.
 *
 * @param paths files and folders; `-` is standard input
 * @throws InputError naming a path that can't be read, or a file that is neither a document nor a template nor a stack
 */
export function readInputs(paths: string[]): Inputs {
  const unreadable: string[] = [];
  const inputs = paths.flatMap((path): Input[] => {
    if (path === "-") return [readInput("standard input", 0)];
    if (!isFolder(path)) return [readInput(path)];
    return filesIn(path).flatMap((file) => {
      try {
        return [readInput(file)];
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        if (!(error instanceof UnrelatedFile)) unreadable.push(error.message);
        return [];
      }
    });
  });
  return { inputs, unreadable };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      throw new InputError(`${path} can't be read: ${reasonOf(error)}`);
    throw new InputError(`${path} doesn't exist; give a file, a folder or - for standard input`);
  }
}

function readInput(name: string, from: string | 0 = name): Input {
  let bytes: Buffer;
  try {
    bytes = readFileSync(from);
  } catch (error) {
    throw new InputError(`${name} can't be read: ${reasonOf(error)}`);
  }
  return toInput(name, decoded(name, bytes));
}

function filesIn(folder: string): string[] {
  return entriesOf(folder)
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "node_modules" || entry.name.startsWith(".") ? [] : filesIn(path);
      return CHECKED.test(entry.name) ? [path] : [];
    })
    .sort();
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new InputError(`${folder} can't be read: ${reasonOf(error)}`);
  }
}

/**
 * @throws UnrelatedFile if the text is neither a document nor a template nor an exported stack
 * @throws InputError if it can't be parsed
 */
function toInput(file: string, text: string): Input {
  const value = parsed(file, text, (other) => inputOf(file, text, other) !== undefined);
  const input = inputOf(file, text, value);
  if (input !== undefined) return input;
  throw new UnrelatedFile(
    isRecord(value)
      ? `${file} has neither Statement (a policy document) nor Resources (a template) nor deployment (the output of "pulumi stack export")`
      : `${file} is neither a policy document nor a template nor the export of a stack`,
  );
}

/** The input that a value is; undefined for any other value. */
function inputOf(file: string, text: string, value: unknown): Input | undefined {
  if (!isRecord(value)) return undefined;
  const { Statement, Resources, deployment } = value;
  const exported = isRecord(deployment) ? deployment.resources : undefined;
  if (Array.isArray(exported)) return { kind: "stack", file, resources: exported.map(toStackResource) };
  // A template stays text, because CloudFormation's short forms, such as !Sub, need a separate parser.
  if (Resources !== undefined) return { kind: "template", file, template: text };
  if (Statement !== undefined || Object.keys(value).length === 0) return { kind: "document", file, document: value };
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Exported {
  urn: string;
  type: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  parent?: string;
  propertyDependencies?: Record<string, string[] | null>;
}

function toStackResource({ urn, type, inputs = {}, outputs = {}, parent, propertyDependencies = {} }: Exported) {
  const name = urn.split("::").slice(3).join("::");
  const dependencies = Object.entries(propertyDependencies).map(([key, urns]) => [key, urns ?? []] as const);
  return {
    ...{ urn, type, name, props: { ...outputs, ...inputs } },
    propertyDependencies: Object.fromEntries(dependencies),
    ...(parent === undefined ? {} : { parent }),
  };
}

/** Guesses the kind of a document from its principals and actions. */
export function kindOf(document: unknown): DocumentKind {
  const statements = [(document as { Statement?: unknown }).Statement].flat() as Record<string, unknown>[];
  const hasPrincipal = statements.some(
    (one) => one !== null && typeof one === "object" && ("Principal" in one || "NotPrincipal" in one),
  );
  if (!hasPrincipal) return "identity";
  const assumes = statements.every((one) => [one?.Action].flat().every((action) => /^sts:/i.test(String(action))));
  return assumes ? "trust" : "resource";
}
