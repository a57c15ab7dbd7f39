/** Writes the texts that replace documents with several findings, once all resources of the stack are known. */
import type { Catalog } from "@serverless-chat/iam";
import type { StackContext, StackResource } from "../resources/resource.ts";
import type { TriagedFinding } from "../triage.ts";
import { knownUseOf } from "./knownUse.ts";

export interface DocumentText {
  resource: StackResource;
  /** Property path of the document; undefined for a file that is the document. */
  path: string | undefined;
  text: object;
  /** Whether the code of all holders is known, so that the text allows only what the code calls. */
  isByCode: boolean;
}

/** Returns a text for each document with several findings, at least one of which stops the preview. */
export function finalTexts(
  findings: TriagedFinding[],
  resources: StackResource[],
  context: StackContext,
  catalog: Catalog,
): DocumentText[] {
  const stopping = findings.filter(({ outcome, finalText }) => outcome === "stops" && finalText !== undefined);
  const documents = new Map(stopping.map((finding) => [`${finding.resource.urn} ${finding.path}`, finding]));
  return [...documents.values()].flatMap(({ resource, path, finalText }) => {
    // Uses the stack's latest view of the resource, because findings may have an earlier one.
    const own = resources.find(({ urn }) => urn === resource.urn) ?? resource;
    const use = knownUseOf(own, resources, context, catalog);
    const text = finalText?.(use);
    return text === undefined ? [] : [{ resource, path, text, isByCode: use.called !== undefined }];
  });
}
