import type { Catalogue } from "@serverless-chat/iam";
import { type Examined, examineResource, type ResourceFinding } from "../examine.ts";
import type { StackContext, StackResource } from "../resources/resource.ts";

/**
 * Examines resources as the engine hands them over: a component before what it is made of, and each resource once for
 * every rule.
 */
export class Examiner {
  readonly #catalogue: Catalogue;
  /** By URN of a component that handed statements over, what was found in them. */
  readonly #handedOver = new Map<string, Set<string>>();
  #key: string | undefined;
  #examined: Examined = { findings: [], unknown: [], documents: 0 };

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  of(resource: StackResource, context: StackContext): Examined {
    const key = JSON.stringify([resource, context], (_, value) => (typeof value === "symbol" ? "?" : value));
    if (key !== this.#key) {
      this.#examined = this.#examine(resource, context);
      this.#key = key;
    }
    return this.#examined;
  }

  #examine(resource: StackResource, context: StackContext): Examined {
    const { findings, unknown, documents } = examineResource(resource, context, this.#catalogue);
    if (!resource.type.startsWith("aws:") && documents > 0) {
      this.#handedOver.set(resource.urn, new Set(findings.map(nameOf)));
    }
    const told = this.#handedOver.get(resource.parent ?? "");
    if (told === undefined) return { findings, unknown, documents };
    // What its component said of the statements holds for the document that they stand in, known or not.
    return { findings: findings.filter((finding) => !told.has(nameOf(finding))), unknown: [], documents };
  }
}

function nameOf({ rule, message }: ResourceFinding): string {
  return `${rule} ${message}`;
}
