/** Finds the account's existing resources, so that none is created twice and ids chosen by AWS become known. */
import { type AwsCli, AwsCliError } from "./awsCli.ts";
import { githubProviderArn, prefixOf, type Stack, type Target } from "./target.ts";
import { API_GATEWAY_ACCOUNT, GITHUB_PROVIDER, type Shared } from "./templates/shared.ts";

/** Name of the CloudFormation stack with the resources of one Pulumi stack, or with those that all of them share. */
export function bootstrapStack({ project }: Pick<Target, "project">, stack?: Pick<Stack, "name">): string {
  return stack === undefined ? `${project}-bootstrap` : `${project}-bootstrap-${stack.name}`;
}

/** Names of the Pulumi stacks that have been set up in this account and Region. */
export async function stacksSetUp(target: Target, aws: AwsCli): Promise<string[]> {
  const prefix = bootstrapStack(target, { name: "" });
  const query = `Stacks[?starts_with(StackName,'${prefix}')].StackName`;
  const names = await aws.ask<string[] | null>("cloudformation", "describe-stacks", "--query", query);
  return (names ?? []).map((name) => name.slice(prefix.length));
}

/** Account-wide resources for the template: those that don't exist yet, and those that an earlier run created. */
export async function sharedToMake(target: Target, aws: AwsCli): Promise<Shared> {
  const own = await ownResources(target, aws);
  const providers = await aws.ask<string[] | null>(
    "iam",
    "list-open-id-connect-providers",
    "--query",
    "OpenIDConnectProviderList[].Arn",
  );
  const logsRole = await aws.ask<string | null>("apigateway", "get-account", "--query", "cloudwatchRoleArn");
  return {
    makeGithubProvider: own.includes(GITHUB_PROVIDER) || !providers?.includes(githubProviderArn(target)),
    setLogsRole: own.includes(API_GATEWAY_ACCOUNT) || !logsRole,
  };
}

/** Names that the program gives to the resources whose ids AWS chooses. */
export function namesOf(target: Target, stack: Stack) {
  const prefix = prefixOf(target, stack);
  return {
    api: `${prefix}chat`,
    pool: `${prefix}users`,
    /** A distribution has no name, so its comment serves as one. */
    distribution: `${prefix}page`,
    /** Name of the origin access control and the response headers policy, which are shared by all Regions. */
    servedBy: `${prefix}page-${target.region}`,
  };
}

/**
 * A stack with the ids of its API, its user pool and the resources that serve its page, if these exist.
 *
 * @throws AwsCliError if two resources have the same name
 */
export async function withIds(target: Target, stack: Stack, aws: AwsCli): Promise<Stack> {
  // The resources of pull requests' stacks are identified by tags instead of ids.
  if (stack.isForPullRequests) return stack;
  const { api, pool, distribution, servedBy } = namesOf(target, stack);
  const apis = await aws.ask<string[]>("apigatewayv2", "get-apis", "--query", `Items[?Name=='${api}'].ApiId`);
  const pools = await aws.ask<string[]>(
    "cognito-idp",
    "list-user-pools",
    "--max-results",
    "60",
    "--query",
    `UserPools[?Name=='${pool}'].Id`,
  );
  const listed = (command: string, query: string, ...more: string[]) =>
    aws.ask<string[] | null>("cloudfront", command, ...more, "--query", query);
  const distributions = await listed("list-distributions", `DistributionList.Items[?Comment=='${distribution}'].Id`);
  const accessControls = await listed(
    "list-origin-access-controls",
    `OriginAccessControlList.Items[?Name=='${servedBy}'].Id`,
  );
  const headersPolicies = await listed(
    "list-response-headers-policies",
    `ResponseHeadersPolicyList.Items[?ResponseHeadersPolicy.ResponseHeadersPolicyConfig.Name=='${servedBy}'].ResponseHeadersPolicy.Id`,
    ...["--type", "custom"],
  );
  return {
    ...stack,
    apiId: onlyOne("API", api, apis),
    userPoolId: onlyOne("user pool", pool, pools),
    distributionId: onlyOne("distribution", distribution, distributions),
    originAccessControlId: onlyOne("origin access control", servedBy, accessControls),
    responseHeadersPolicyId: onlyOne("response headers policy", servedBy, headersPolicies),
  };
}

async function ownResources(target: Target, aws: AwsCli): Promise<string[]> {
  try {
    return await aws.ask(
      "cloudformation",
      "describe-stack-resources",
      "--stack-name",
      bootstrapStack(target),
      "--query",
      "StackResources[?ResourceStatus!='DELETE_COMPLETE'].LogicalResourceId",
    );
  } catch (error) {
    if (error instanceof AwsCliError && /does not exist/.test(error.message)) return [];
    throw error;
  }
}

function onlyOne(what: string, name: string, ids: string[] | null): string | undefined {
  if (ids !== null && ids.length > 1) {
    throw new AwsCliError(
      `${ids.length} resources are named "${name}" (${what} ${ids.join(", ")}): delete any that belongs to no stack`,
    );
  }
  return ids?.[0];
}
