/** Checks the inputs of the command line. */
import type { Catalog } from "@serverless-chat/iam";
import { checkDocument } from "../checkDocument.ts";
import { checkResource, checkStack } from "../checkStack.ts";
import { hashOf } from "../document/hash.ts";
import type { DocumentContext } from "../document/subject.ts";
import type { ResourceFinding } from "../finding.ts";
import { finalDocument } from "../fixes/finalDocument.ts";
import { contextOf } from "../pack/config.ts";
import type { StackContext, StackResource } from "../resources/resource.ts";
import { type Settings, UNKNOWN_DOCUMENT } from "../settings.ts";
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
        ...input.resources.flatMap((resource) => findingsOf(resource, context, catalog)),
        ...checkStack(input.resources, context, catalog),
      ];
    }
    const context = contextOf(settings, []);
    const resource = fileResource(input.file);
    if (input.kind === "document") {
      const kind = given.kind ?? kindOf(input.document);
      return checkFile(input.document, { ...context, ...given, kind }, resource, catalog);
    }
    const stack = { ...resource, type: TEMPLATE, props: { templateBody: input.template } };
    return findingsOf(stack, context, catalog).map(({ path, ...finding }) => ({
      ...finding,
      ...(path === undefined ? {} : { path: path.replace(/^templateBody\./, "") }),
      resource,
    }));
  });
}

/** The type of resources that deploy a template. A template in a file has the same findings. */
const TEMPLATE = "aws:cloudformation/stack:Stack";

/** Findings in one resource. A document that can't be checked is one of them, so that the user hears about it. */
function findingsOf(resource: StackResource, context: StackContext, catalog: Catalog): ResourceFinding[] {
  const { findings, unknown } = checkResource(resource, context, catalog);
  const message = "the document, or a part of it, isn't known before the deployment, so it isn't checked";
  return [
    ...findings,
    ...unknown.map(({ path }) => ({
      ...{ rule: UNKNOWN_DOCUMENT, severity: "low" as const, message, hash: hashOf(message), resource, path },
      fix: "write the document in the template, with functions only for names and ARNs",
    })),
  ];
}

function checkFile(
  document: unknown,
  context: DocumentContext,
  resource: StackResource,
  catalog: Catalog,
): ResourceFinding[] {
  const findings = checkDocument(document, context, catalog);
  const finalText = () => finalDocument(document, context, catalog);
  return findings.map((finding) => ({ ...finding, resource, ...(findings.length > 1 ? { finalText } : {}) }));
}

/** Represents a file as a resource, so that findings can refer to it. */
function fileResource(file: string): StackResource {
  return { urn: file, type: "file", name: file, props: {}, propertyDependencies: {} };
}
