/** Managed policies that CloudFormation templates attach. */
import { isRecord } from "./intrinsics.ts";
import { resourcesOfTemplate } from "./templateResources.ts";

interface Attached {
  arn: string;
  /** Property path, such as `templateBody.Resources.Worker.Properties.ManagedPolicyArns`. */
  path: string;
  /** The part of a cluster that an EKS access policy applies to. */
  accessScope?: { type: unknown };
}

/**
 * Finds the managed policies that a template or one resource attaches, under every condition.
 *
 * @param text JSON or YAML text, or the parsed template
 * @param typeName such as `AWS::IAM::Role`, if the text has the properties of one resource
 */
export function attachedInTemplate(text: unknown, path: string, typeName?: unknown): Attached[] {
  const all = resourcesOfTemplate(text, path, typeName).flatMap(({ type, path: at, versions }) =>
    versions.flatMap((properties) => [...attachedWithin(properties, at), ...attachedBySam(type, properties, at)]),
  );
  return [...new Map(all.map((attached) => [JSON.stringify(attached), attached])).values()];
}

/** Properties that attach managed policies, whatever the type: of identities, permission sets and clusters. */
const ATTACHING = /^(ManagedPolicyArns?|ManagedPolicies|PolicyArns?)$/;

function attachedWithin(value: unknown, at: string): Attached[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => attachedWithin(item, `${at}[${i}]`));
  if (!isRecord(value)) return [];
  const { AccessScope } = value;
  const scope = isRecord(AccessScope) ? { accessScope: { type: AccessScope.Type } } : {};
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = `${at}.${name}`;
    if (!ATTACHING.test(name)) return attachedWithin(inner, path);
    return textsIn(inner).map((arn) => ({ arn, path, ...scope }));
  });
}

/** SAM attaches managed policies in the same list as inline ones. */
function attachedBySam(type: string, properties: unknown, at: string): Attached[] {
  if (!type.startsWith("AWS::Serverless::") || !isRecord(properties)) return [];
  return textsIn(properties.Policies).map((policy) => ({ arn: arnOf(policy), path: `${at}.Policies` }));
}

function textsIn(value: unknown): string[] {
  return [value].flat().filter((item) => typeof item === "string");
}

/** SAM accepts the name of a policy instead of its ARN. */
function arnOf(policy: string): string {
  return /^[\w+=,.@-]+$/.test(policy) ? `arn:aws:iam::aws:policy/${policy}` : policy;
}
