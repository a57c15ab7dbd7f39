/** Finds documents by their shape, for types that policyDocuments.ts doesn't list. */
import type { DocumentKind } from "../document/subject.ts";
import type { PlacedDocument } from "./placedDocument.ts";

/**
 * Finds documents and lists of statements anywhere in a value: the inputs of a component, which passes them on to its
 * children, the inputs of a resource whose type isn't listed, or a template.
 */
export function documentsWithin(value: unknown, path: string, depth = 0): PlacedDocument[] {
  if (depth > 8 || value === null) return [];
  const written = typeof value === "string" ? parsed(value) : value;
  if (typeof written !== "object" || written === null) return [];
  const statements = statementsOf(written);
  if (statements.length > 0) {
    const isDocument = !Array.isArray(written) && !isStatement(written);
    const document = isDocument ? written : { Version: "2012-10-17", Statement: written };
    return [{ path, ...kindOf(statements), ...(isDocument ? {} : { isStatements: true }), document }];
  }
  // JSON text that isn't itself a document isn't searched, because documents in it may have another syntax.
  if (written !== value) return [];
  return Object.entries(written).flatMap(([key, inner]) =>
    documentsWithin(
      inner,
      Array.isArray(written) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`,
      depth + 1,
    ),
  );
}

/** The statements of a document or list, or the value itself if it is a statement. */
function statementsOf(value: object): Record<string, unknown>[] {
  if (isStatement(value)) return [value];
  if (Array.isArray(value)) return value.length > 0 && value.every(isStatement) ? value : [];
  const { Statement: within } = value as { Statement?: unknown };
  if (Array.isArray(within)) return within.filter(isStatement);
  return isStatement(within) ? [within] : [];
}

function isStatement(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return "Effect" in value && ("Action" in value || "NotAction" in value);
}

function kindOf(statements: Record<string, unknown>[]): { kind: DocumentKind } {
  if (!statements.some((statement) => "Principal" in statement || "NotPrincipal" in statement))
    return { kind: "identity" };
  const assumes = statements.every(({ Action }) => [Action].flat().every((action) => /^sts:/i.test(String(action))));
  return { kind: assumes ? "trust" : "resource" };
}

function parsed(text: string): object | undefined {
  if (!/^\s*[[{][\s\S]*"Effect"/.test(text)) return undefined;
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
