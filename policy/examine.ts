/** What is wrong with resources and stacks: all rules together, without Pulumi. */
import type { Catalogue } from "@serverless-chat/iam";
import { analyze } from "./analysis/analyze.ts";
import type { Finding } from "./analysis/finding.ts";
import type { Kind } from "./analysis/subject.ts";
import { RESOURCE_RULES } from "./resourceRules/index.ts";
import { documentsOf, isBoundaryByName, type Place } from "./resources/places.ts";
import type { StackContext, StackResource } from "./resources/resource.ts";
import { isUnknown, withSomeArns } from "./resources/unknown.ts";
import { combinedEscalations } from "./stackRules/combinedEscalations.ts";
import { STACK_RULES } from "./stackRules/index.ts";

export interface ResourceFinding extends Finding {
  resource: StackResource;
  /** Where in the resource the document stands. */
  path?: string;
}

export interface Examined {
  findings: ResourceFinding[];
  /** Documents of which nothing is known yet. */
  unknown: Place[];
  /** What the documents are for of which something is known. */
  kinds: Set<Kind>;
}

/** Looks at a resource by itself: before it is made, in preview and in update. */
export function examineResource(resource: StackResource, context: StackContext, catalogue: Catalogue): Examined {
  const { type, name, props } = resource;
  const places = documentsOf(type, props).map((place) => ({ ...place, kind: kindOf(place, resource, context) }));
  const known = places.filter(({ document }) => !isUnknown(document));
  const findings: ResourceFinding[] = known.flatMap(({ path, document, ...what }) =>
    analyze(withSomeArns(document), { ...what, ...context }, catalogue).map((finding) => ({
      ...finding,
      resource,
      path,
    })),
  );
  for (const { id, severity, types, examine } of RESOURCE_RULES) {
    if (!types.includes(type)) continue;
    findings.push(...examine(resource, context).map((problem) => ({ rule: id, severity, ...problem, resource })));
  }
  const unknown = places.filter(({ document }) => isUnknown(document));
  return { findings, unknown, kinds: new Set(known.map(({ kind }) => kind)) };

  function kindOf(place: Place, { type }: StackResource, { permissionsBoundary }: StackContext): Kind {
    const isBoundary =
      type === "aws:iam/policy:Policy" &&
      (isBoundaryByName(name, props) || permissionsBoundary?.endsWith(`:policy/${props.name}`) === true);
    return isBoundary ? "boundary" : place.kind;
  }
}

/** Looks at what is seen in no resource by itself. */
export function examineStack(
  resources: StackResource[],
  context: StackContext,
  catalogue: Catalogue,
): ResourceFinding[] {
  return [...STACK_RULES, combinedEscalations].flatMap(({ id, severity, examine }) =>
    examine(resources, context, catalogue).map((problem) => ({ rule: id, severity, ...problem })),
  );
}
