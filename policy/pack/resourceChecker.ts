import type { Catalog } from "@serverless-chat/iam";
import { type CheckedResource, checkResource } from "../checkStack.ts";
import type { DocumentKind } from "../document/subject.ts";
import type { ResourceFinding } from "../finding.ts";
import type { StackContext, StackResource } from "../resources/resource.ts";

/**
 * Examines resources as the engine hands them over: a component before what it is made of, and each resource once for
 * every rule.
 */
export class ResourceChecker {
  readonly #catalog: Catalog;
  /** By URN of a component that handed statements over, what they are for and what was found in them. */
  readonly #handedOver = new Map<
    string,
    { kinds: Set<DocumentKind>; told: Set<string>; inputs: StackResource["props"] }
  >();
  /** By URN, the last that was seen of each: the engine asks for several resources at a time. */
  readonly #examined = new Map<string, { key: string; examined: CheckedResource }>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  of(resource: StackResource, context: StackContext): CheckedResource {
    const key = JSON.stringify([resource, context], (_, value) => (typeof value === "symbol" ? "?" : value));
    const known = this.#examined.get(resource.urn);
    if (known?.key === key) return known.examined;
    const examined = this.#check(resource, context);
    this.#examined.set(resource.urn, { key, examined });
    return examined;
  }

  /** As a rule for the whole stack wants it: the engine then shows what a component gives, and not what it was given. */
  withInputs(resource: StackResource): StackResource {
    const handedOver = this.#handedOver.get(resource.urn);
    return handedOver === undefined ? resource : { ...resource, props: { ...handedOver.inputs, ...resource.props } };
  }

  #check(resource: StackResource, context: StackContext): CheckedResource {
    const examined = checkResource(resource, context, this.#catalog);
    const { findings, unknown, kinds } = examined;
    if (!resource.type.startsWith("aws:") && kinds.size > 0) {
      this.#handedOver.set(resource.urn, { kinds, told: new Set(findings.map(nameOf)), inputs: resource.props });
    }
    const handedOver = this.#handedOver.get(resource.parent ?? "");
    if (handedOver === undefined) return examined;
    // What its component said of the statements holds for the document that they stand in, known or not.
    return {
      findings: findings.filter((finding) => !handedOver.told.has(nameOf(finding))),
      unknown: unknown.filter(({ kind }) => !handedOver.kinds.has(kind)),
      kinds,
    };
  }
}

function nameOf({ rule, message }: ResourceFinding): string {
  return `${rule} ${message}`;
}
