/** Actions that the policies of a role allow. */
import { type Catalog, matchesAction, matchesText, type Statement } from "@serverless-chat/iam";
import { statementsOf } from "../document/statements.ts";
import { type Grant, subjectOf } from "../document/subject.ts";
import { documentsOf } from "./policyDocuments.ts";
import type { StackResource } from "./resource.ts";
import { grantsByResourcePolicies } from "./resourcePolicyGrants.ts";
import { belongingTo, ofType } from "./roles.ts";
import { hasUnknown, isUnknown, withSomeArns } from "./unknown.ts";

export interface RoleGrants {
  grants: Grant[];
  /** Whether a policy allows an action and no Deny overrides that. */
  allows(action: string): boolean;
  /** Whether the role has policies whose documents aren't known. */
  isPartial: boolean;
}

const EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive";

/** AWS managed policies that only serve features of a function. */
const FEATURE_POLICIES =
  /:aws:policy\/(service-role\/AWSLambda\w+ExecutionRole|AWSXRayDaemonWriteAccess|CloudWatchLambdaInsightsExecutionRolePolicy|AWSLambda(SQSQueue|DynamoDB|Kinesis)\w+)$/;

export function grantsOf(
  role: StackResource,
  lambda: StackResource,
  resources: StackResource[],
  catalog: Catalog,
): RoleGrants {
  const foreign = managedPoliciesOf(role, resources).filter(
    (arn) => typeof arn !== "string" || !FEATURE_POLICIES.test(arn),
  );
  let documents = allDocumentsAt(role, resources);
  const isUnclear = documents.some((document) => hasUnknown(document));
  // If the document is still unknown, its statements may have been passed to the function's component.
  const handedOver = isUnclear ? resources.find(({ urn }) => urn === lambda.parent)?.props.statements : undefined;
  if (Array.isArray(handedOver)) documents = [{ Version: "2012-10-17", Statement: withSomeArns(handedOver) }];
  const readable = documents.filter((document) => !isUnknown(document));
  const statements = readable.flatMap((document) => statementsOf(withSomeArns(document)));
  const grants = subjectOf({ version: "2012-10-17", statements }, { kind: "identity" }, catalog).grants;
  const allowing = (action: string) => grants.filter(({ has }) => has(action));
  const isLetIn = grantsByResourcePolicies(role, resources);
  return {
    grants,
    allows: (action) =>
      allowing(action).some((grant) => !statements.some((statement) => overrides(statement, action, grant))) ||
      isLetIn(action),
    isPartial: foreign.length > 0 || readable.length < documents.length,
  };
}

/** ARNs of a role's managed policies that the stack doesn't create, with UNKNOWN for an ARN that isn't known yet. */
export function managedPoliciesOf(role: StackResource, resources: StackResource[]): unknown[] {
  const elsewhere = attachedTo(role, resources).filter(({ policy }) => policy === undefined);
  return [
    ...elsewhere.map(({ arn }) => arn),
    ...[role.props.managedPolicyArns ?? []].flat(),
    ...belongingTo(role, EXCLUSIVE, resources).flatMap(({ props }) => [props.policyArns].flat()),
  ];
}

/** The known documents of a role: inline, in `RolePolicy` resources, and attached. */
export function documentsAt(role: StackResource, resources: StackResource[]): unknown[] {
  return allDocumentsAt(role, resources)
    .filter((document) => !isUnknown(document))
    .map(withSomeArns);
}

/** The resources of a stack, other than the role itself, that hold policies of the role. */
export function policyResourcesOf(role: StackResource, resources: StackResource[]): StackResource[] {
  return [
    ...belongingTo(role, "aws:iam/rolePolicy:RolePolicy", resources),
    ...attachedTo(role, resources).flatMap(({ policy }) => policy ?? []),
  ];
}

function allDocumentsAt(role: StackResource, resources: StackResource[]): unknown[] {
  const inline = documentsOf(role.type, role.props)
    .filter(({ kind }) => kind === "identity")
    .map(({ document }) => document);
  const own = belongingTo(role, "aws:iam/rolePolicy:RolePolicy", resources).map(({ props }) => props.policy);
  const attached = attachedTo(role, resources).map(({ policy }) => policy?.props.policy);
  return [...inline, ...own, ...attached].filter((document) => document !== undefined);
}

function attachedTo(role: StackResource, resources: StackResource[]) {
  const types = ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/policyAttachment:PolicyAttachment"];
  return types
    .flatMap((type) => belongingTo(role, type, resources))
    .map(({ props: { policyArn }, propertyDependencies }) => {
      const policies = ofType("aws:iam/policy:Policy", resources);
      const source = policies.find(({ urn }) => (propertyDependencies.policyArn ?? []).includes(urn));
      const named = typeof policyArn === "string" ? policyOf(policyArn, policies) : undefined;
      return { arn: policyArn, policy: source ?? named };
    });
}

/** The policy of the stack that an ARN names. The path and name are enough, because the policy may not exist yet. */
export function policyOf(arn: string, policies: StackResource[]): StackResource | undefined {
  return policies.find(
    ({ props: { arn: own, name } }) =>
      arn === own || (/:policy\//.test(arn) && typeof name === "string" && arn.split("/").at(-1) === name),
  );
}

/** Whether a Deny covers every resource of a grant. */
function overrides({ effect, action, resource, conditions }: Statement, name: string, { scopes }: Grant): boolean {
  if (effect !== "Deny" || conditions.length > 0 || action.negated || resource?.negated !== false) return false;
  if (!action.patterns.some((pattern) => matchesAction(pattern, name))) return false;
  return scopes.every(({ pattern }) => resource.patterns.some((denied) => matchesText(denied, pattern, undefined)));
}
