/** Inputs of the command line: documents, templates and exported stacks, in files, folders or standard input. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { DocumentKind } from "../document/subject.ts";
import type { StackResource } from "../resources/resource.ts";

/** An input or option that can't be used. The command line prints its message and exits with 2. */
export class InputError extends Error {
  override name = "InputError";
}

export type Input =
  | { kind: "document"; file: string; document: unknown }
  | { kind: "template"; file: string; template: unknown }
  | { kind: "stack"; file: string; resources: StackResource[] };

const CHECKED = /\.(json|ya?ml|template)$/;

/**
 * Reads documents, templates and exported stacks. In folders, other files are skipped.
 *
 * @param paths files and folders; `-` is standard input
 * @throws InputError naming a path that doesn't exist, or a file that is neither a document nor a template nor a stack
 */
export function readInputs(paths: string[]): Input[] {
  return paths.flatMap((path): Input[] => {
    if (path === "-") return [toInput("standard input", readFileSync(0, "utf8"))];
    let isFolder: boolean;
    try {
      isFolder = statSync(path).isDirectory();
    } catch {
      throw new InputError(`${path} doesn't exist; give a file, a folder or - for standard input`);
    }
    if (!isFolder) return [toInput(path, readFileSync(path, "utf8"))];
    return filesIn(path).flatMap((file) => {
      try {
        return [toInput(file, readFileSync(file, "utf8"))];
      } catch (error) {
        if (error instanceof InputError) return [];
        throw error;
      }
    });
  });
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "node_modules" || entry.name.startsWith(".") ? [] : filesIn(path);
      return CHECKED.test(entry.name) ? [path] : [];
    })
    .sort();
}

/** @throws InputError if the text is neither a document nor a template nor an exported stack */
export function toInput(file: string, text: string): Input {
  const value = parsed(file, text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new InputError(`${file} is neither a policy document nor a template nor the export of a stack`);
  const { Statement, Resources, deployment } = value as Record<string, unknown>;
  const exported = (deployment as { resources?: unknown } | undefined)?.resources;
  if (Array.isArray(exported)) return { kind: "stack", file, resources: exported.map(toStackResource) };
  // A template stays text, because CloudFormation's short forms, such as !Sub, need a separate parser.
  if (Resources !== undefined) return { kind: "template", file, template: text };
  if (Statement !== undefined || Object.keys(value).length === 0) return { kind: "document", file, document: value };
  throw new InputError(
    `${file} has neither Statement (a policy document) nor Resources (a template) nor deployment (the output of "pulumi stack export")`,
  );
}

function parsed(file: string, text: string): unknown {
  try {
    return parse(text, { logLevel: "error" });
  } catch (error) {
    throw new InputError(`${file} is neither JSON nor YAML: ${(error as Error).message.split("\n")[0]}`);
  }
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
