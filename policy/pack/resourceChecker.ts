import type { Catalog } from "@serverless-chat/iam";
import { type CheckedResource, checkResource } from "../checkStack.ts";
import type { DocumentKind } from "../document/subject.ts";
import type { ResourceFinding } from "../finding.ts";
import type { StackContext, StackResource } from "../resources/resource.ts";

/**
 * Checks resources in the order that the engine passes them: a component before its children, and each resource
 * once for every rule.
 */
export class ResourceChecker {
  readonly #catalog: Catalog;
  /** Components that were given statements, by URN, with the kinds of the statements and the findings in them. */
  readonly #handedOver = new Map<
    string,
    { kinds: Set<DocumentKind>; reported: Set<string>; inputs: StackResource["props"] }
  >();
  /** The latest result for each resource, by URN, because the engine asks about several resources at a time. */
  readonly #checked = new Map<string, { key: string; checked: CheckedResource }>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** Checks a resource, or returns the earlier result if neither the resource nor the context has changed. */
  check(resource: StackResource, context: StackContext): CheckedResource {
    const key = JSON.stringify([resource, context], (_, value) => (typeof value === "symbol" ? "?" : value));
    const known = this.#checked.get(resource.urn);
    if (known?.key === key) return known.checked;
    const checked = this.#check(resource, context);
    this.#checked.set(resource.urn, { key, checked });
    return checked;
  }

  /** Adds the inputs of a component, because the engine passes only its outputs to rules about the whole stack. */
  withInputs(resource: StackResource): StackResource {
    const handedOver = this.#handedOver.get(resource.urn);
    return handedOver === undefined ? resource : { ...resource, props: { ...handedOver.inputs, ...resource.props } };
  }

  #check(resource: StackResource, context: StackContext): CheckedResource {
    const checked = checkResource(resource, context, this.#catalog);
    const { findings, unknown, kinds } = checked;
    if (!resource.type.startsWith("aws:") && kinds.size > 0) {
      this.#handedOver.set(resource.urn, { kinds, reported: new Set(findings.map(nameOf)), inputs: resource.props });
    }
    const handedOver = this.#handedOver.get(resource.parent ?? "");
    if (handedOver === undefined) return checked;
    // Findings in a component's statements were already reported, so those in the document that contains them are
    // dropped.
    return {
      findings: findings.filter((finding) => !handedOver.reported.has(nameOf(finding))),
      unknown: unknown.filter(({ kind }) => !handedOver.kinds.has(kind)),
      kinds,
    };
  }
}

function nameOf({ rule, message }: ResourceFinding): string {
  return `${rule} ${message}`;
}
