import type { Problem } from "../../finding.ts";
import { attachedInTemplate } from "../../resources/templateAttachments.ts";
import type { ResourceRule } from "../rule.ts";

/** AWS's policies that allow everything in a service or in all services, including deprecated ones. */
const FULL_ACCESS =
  /:aws:policy\/(?:[\w+=,.@-]+\/)*(AdministratorAccess|PowerUserAccess|IAMFullAccess|SystemAdministrator|SecretsManagerReadWrite|DatabaseAdministrator|NetworkAdministrator|DataScientist|\w*FullAccess\w*|\w*_FullAccess|AWSLambdaRole|AWSLambda_FullAccess|AdministratorAccess-\w+|Amazon\w*Admin\w*|AWS\w*Admin\w*|\w*PowerUser\w*|AmazonElasticMapReduceRole|AmazonElasticMapReduceforEC2Role|AmazonEC2RoleforSSM|AmazonEC2RoleforDataPipelineRole|AWSDataPipelineRole|AWSElasticBeanstalkService|AWSConnector|AWSOpsWorksRole|AWSCodeStarServiceRole|AmazonEKSClusterAdminPolicy|AmazonEKSAdminPolicy)$/;

/** Copies of these policies in a customer's account, by their usual names. */
const CUSTOMER_FULL_ACCESS =
  /:iam::(?:\d{12}|ACCOUNT):policy\/(?:[\w+=,.@-]+\/)*(AdministratorAccess|PowerUserAccess|IAMFullAccess|(Amazon|AWS)\w*FullAccess|[Ff]ull-?[Aa]ccess|[Aa]dmin-?[Aa]ccess|[Aa]dministrator-?[Aa]ccess|[Aa]dmins?|[Aa]dministrators?)$/;

const ATTACHMENTS = [
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:iam/userPolicyAttachment:UserPolicyAttachment",
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
  "aws:iam/policyAttachment:PolicyAttachment",
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
  "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
  "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
  "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
  "aws:ssoadmin/managedPolicyAttachmentsExclusive:ManagedPolicyAttachmentsExclusive",
  "aws:quicksight/iamPolicyAssignment:IamPolicyAssignment",
];

export const fullAccessManagedPolicy: ResourceRule = {
  id: "full-access-managed-policy",
  severity: "high",
  title: "A managed policy with full access is attached",
  types: [
    ...ATTACHMENTS,
    "aws:iam/role:Role",
    "aws:rolesanywhere/profile:Profile",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "aws:cloudformation/stack:Stack",
    "aws:cloudformation/stackSet:StackSet",
    "aws:cloudcontrol/resource:Resource",
  ],
  check: ({ type, props }, { allowedManagedPolicies = [] }) => {
    const isAllowed = (arn: string) => allowedManagedPolicies.some((own) => own === arn || arn.endsWith(`/${own}`));
    if (/^aws:cloud(formation|control)\//.test(type)) {
      const attached = isTemplate(type)
        ? attachedInTemplate(props.templateBody, "templateBody")
        : attachedInTemplate(props.desiredState, "desiredState", props.typeName);
      return attached
        .filter(({ arn }) => !isAllowed(arn))
        .flatMap(({ arn, path, accessScope }) =>
          problemOf(arn, { accessScope }).map((problem) => ({ ...problem, path })),
        );
    }
    return [props.policyArn, props.managedPolicyArn, props.managedPolicyArns, props.policyArns]
      .flat()
      .filter((arn): arn is string => typeof arn === "string" && !isAllowed(arn))
      .flatMap((arn) => problemOf(arn, props));
  },
};

function isTemplate(type: string): boolean {
  return type.startsWith("aws:cloudformation/");
}

function problemOf(arn: string, { accessScope }: Record<string, unknown>): Problem[] {
  const isNamespaced = (accessScope as { type?: unknown } | undefined)?.type === "namespace";
  if (/:eks::aws:cluster-access-policy\//.test(arn)) {
    if (!/AmazonEKS(Cluster)?AdminPolicy$/.test(arn) || isNamespaced) return [];
    return [
      {
        message: `${arn} makes the principal an administrator of the whole cluster`,
        fix: "associate AmazonEKSEditPolicy or AmazonEKSViewPolicy, or limit accessScope to namespaces",
      },
    ];
  }
  if (!FULL_ACCESS.test(arn) && !CUSTOMER_FULL_ACCESS.test(arn)) return [];
  return [
    {
      message: `${arn} allows far more than one use needs${/:aws:policy/.test(arn) ? ", and AWS may extend it" : ""}`,
      fix: "write a policy with the actions in use and their resources",
    },
  ];
}
