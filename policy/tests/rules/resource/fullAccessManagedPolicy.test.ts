import { UNKNOWN } from "../../../resources/unknown.ts";
import { fullAccessManagedPolicy } from "../../../rules/resource/fullAccessManagedPolicy.ts";
import { ACCOUNT } from "../../statements.ts";
import { describeResourceRule } from "./describeResourceRule.ts";

const ADVICE = "write a policy with the actions in use and their resources";
const attached = (name: string, policyArn: unknown) => ({
  name,
  type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  props: { role: "orders", policyArn },
});

describeResourceRule(fullAccessManagedPolicy, {
  bad: [
    {
      ...attached("administrators in China", "arn:aws-cn:iam::aws:policy/AdministratorAccess"),
      message: "AdministratorAccess allows far more",
      fix: ADVICE,
    },
    {
      ...attached("full access in a newer version", "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess_v2"),
      message: "AmazonDynamoDBFullAccess_v2",
      fix: ADVICE,
    },
    {
      ...attached("a job's policy, under a path", "arn:aws:iam::aws:policy/job-function/DatabaseAdministrator"),
      message: "DatabaseAdministrator",
      fix: ADVICE,
    },
    {
      ...attached("power users", "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"),
      message: "PowerUser",
      fix: ADVICE,
    },
    {
      ...attached(
        "every secret, in a policy whose name doesn't say so",
        "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
      ),
      message: "SecretsManagerReadWrite",
      fix: ADVICE,
    },
    {
      name: "a policy in a role's own list",
      type: "aws:iam/role:Role",
      props: {
        managedPolicyArns: [
          "arn:aws:iam::aws:policy/ReadOnlyAccess",
          "arn:aws:iam::aws:policy/AmazonS3FullAccess",
          UNKNOWN,
        ],
      },
      message: "AmazonS3FullAccess",
      fix: ADVICE,
    },
    {
      name: "a permission set's policy",
      type: "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
      props: { managedPolicyArn: "arn:aws:iam::aws:policy/PowerUserAccess" },
      message: "PowerUserAccess",
      fix: ADVICE,
    },
    {
      name: "a group's policy",
      type: "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
      props: { groupName: "developers", policyArns: ["arn:aws:iam::aws:policy/IAMFullAccess"] },
      message: "IAMFullAccess",
      fix: ADVICE,
    },
  ],
  good: [
    attached(
      "the policy that a function needs for its log",
      "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    ),
    attached(
      "the policy that API Gateway needs for its log",
      "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    ),
    attached("reading", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
    attached("an audit", "arn:aws:iam::aws:policy/SecurityAudit"),
    attached("a custom policy with such a name", `arn:aws:iam::${ACCOUNT}:policy/OrdersFullAccess`),
    attached("a policy that isn't known yet", UNKNOWN),
    {
      name: "a boundary, which grants nothing",
      type: "aws:iam/role:Role",
      props: { permissionsBoundary: "arn:aws:iam::aws:policy/PowerUserAccess" },
    },
  ],
});
