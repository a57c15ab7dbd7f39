/** What a role of the stack allows. */
import { type Catalog, matchesAction, matchesText, type Statement } from "@serverless-chat/iam";
import { statementsOf } from "../document/statements.ts";
import { type Grant, subjectOf } from "../document/subject.ts";
import { documentsOf } from "./policyDocuments.ts";
import type { StackResource } from "./resource.ts";
import { grantsByResourcePolicies } from "./resourcePolicyGrants.ts";
import { belongingTo } from "./roles.ts";
import { hasUnknown, isUnknown, withSomeArns } from "./unknown.ts";

export interface RoleGrants {
  grants: Grant[];
  /** Whether nothing takes back what allows an action. */
  allows(action: string): boolean;
  /** The role has policies that cannot be read here. */
  isPartial: boolean;
}

const EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive";

/** AWS's policies whose actions are features of a function. */
const FEATURE_POLICIES =
  /:aws:policy\/(service-role\/AWSLambda\w+ExecutionRole|AWSXRayDaemonWriteAccess|CloudWatchLambdaInsightsExecutionRolePolicy|AWSLambda(SQSQueue|DynamoDB|Kinesis)\w+)$/;

export function grantsOf(
  role: StackResource,
  lambda: StackResource,
  resources: StackResource[],
  catalog: Catalog,
): RoleGrants {
  const managed = [
    role.props.managedPolicyArns ?? [],
    ...belongingTo(role, EXCLUSIVE, resources).map(({ props }) => props.policyArns),
  ].flat();
  const elsewhere = attachedTo(role, resources).filter(({ policy }) => policy === undefined);
  const foreign = [...elsewhere.map(({ arn }) => arn), ...managed].filter(
    (arn) => typeof arn !== "string" || !FEATURE_POLICIES.test(arn),
  );
  let documents = allDocumentsAt(role, resources);
  const isUnclear = documents.some((document) => hasUnknown(document));
  // While a document is unknown, the component that both belong to may have said what is in it.
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
      allowing(action).some((grant) => !statements.some((statement) => takesBack(statement, action, grant))) ||
      isLetIn(action),
    isPartial: foreign.length > 0 || readable.length < documents.length,
  };
}

/** The documents of a role that can be read, wherever they stand. */
export function documentsAt(role: StackResource, resources: StackResource[]): unknown[] {
  return allDocumentsAt(role, resources)
    .filter((document) => !isUnknown(document))
    .map(withSomeArns);
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
    .map((attachment) => ({ arn: attachment.props.policyArn, policy: policyOf(attachment, resources) }));
}

function policyOf(
  { props, propertyDependencies }: StackResource,
  resources: StackResource[],
): StackResource | undefined {
  const policies = resources.filter(({ type }) => type === "aws:iam/policy:Policy");
  return (
    policies.find(({ urn }) => (propertyDependencies.policyArn ?? []).includes(urn)) ??
    policies.find(({ props: { arn, name } }) => {
      const named = props.policyArn;
      return (
        typeof named === "string" && (named === arn || (/:policy\//.test(named) && named.split("/").at(-1) === name))
      );
    })
  );
}

/** Whether a Deny holds wherever a grant does. */
function takesBack({ effect, action, resource, conditions }: Statement, name: string, { scopes }: Grant): boolean {
  if (effect !== "Deny" || conditions.length > 0 || action.negated || resource?.negated !== false) return false;
  if (!action.patterns.some((pattern) => matchesAction(pattern, name))) return false;
  return scopes.every(({ pattern }) => resource.patterns.some((denied) => matchesText(denied, pattern, undefined)));
}
