/** Checks the inputs of the command line. */
import type { Catalog } from "@serverless-chat/iam";
import { checkDocument } from "../checkDocument.ts";
import { checkResource, checkStack } from "../checkStack.ts";
import type { DocumentContext } from "../document/subject.ts";
import type { ResourceFinding } from "../finding.ts";
import { finalDocument } from "../fixes/finalDocument.ts";
import { contextOf } from "../pack/config.ts";
import type { StackResource } from "../resources/resource.ts";
import { documentsInTemplate } from "../resources/templates.ts";
import type { Settings } from "../settings.ts";
import { type Input, kindOf } from "./input.ts";

/** @param given kind and service of documents, if the user names them */
export function checkInputs(
  inputs: Input[],
  settings: Settings,
  catalog: Catalog,
  given: Partial<Pick<DocumentContext, "kind" | "service">>,
): ResourceFinding[] {
  return inputs.flatMap((input): ResourceFinding[] => {
    if (input.kind === "stack") {
      const context = contextOf(settings, input.resources);
      return [
        ...input.resources.flatMap((resource) => checkResource(resource, context, catalog).findings),
        ...checkStack(input.resources, context, catalog),
      ];
    }
    const context = contextOf(settings, []);
    const resource = fileResource(input.file);
    if (input.kind === "document") {
      const kind = given.kind ?? kindOf(input.document);
      return checkPlaced({ document: input.document, context: { ...context, ...given, kind } }, resource, catalog);
    }
    return documentsInTemplate(input.template, "").flatMap(({ path, document, ...what }) =>
      checkPlaced({ path: path.replace(/^\./, ""), document, context: { ...context, ...what } }, resource, catalog),
    );
  });
}

interface DocumentInFile {
  path?: string;
  document: unknown;
  context: DocumentContext;
}

function checkPlaced(
  { document, context, ...path }: DocumentInFile,
  resource: StackResource,
  catalog: Catalog,
): ResourceFinding[] {
  const findings = checkDocument(document, context, catalog);
  const finalText = () => finalDocument(document, context, catalog);
  return findings.map((finding) => ({
    ...finding,
    ...path,
    resource,
    ...(findings.length > 1 ? { finalText } : {}),
  }));
}

/** Represents a file as a resource, so that findings can refer to it. */
function fileResource(file: string): StackResource {
  return { urn: file, type: "file", name: file, props: {}, propertyDependencies: {} };
}
