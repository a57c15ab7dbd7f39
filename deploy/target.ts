/** The account and Region that CI deploys to, and the names of everything that must exist there first. */

export interface Target {
  account: string;
  region: string;
  /** Project name in Pulumi.yaml; the names of a stack's resources begin with it. */
  project: string;
  /**
   * The repository, as GitHub's tokens name it.
   * @example "octo-org/chat", "octo-org@65/chat@4711" if its OIDC subjects are immutable
   */
  repository: string;
  stacks: Stack[];
}

/** A stack that is deployed to this account and Region. */
export interface Stack {
  name: string;
  /** Stage name of the stack's API; part of every connection's ARN. */
  stage: string;
  /** Whether pull requests are previewed, and end-to-end tests run, against this stack. */
  isDevelopment: boolean;
  /**
   * Whether this represents the stacks of all pull requests, such as `pr-12`. Their resources with names chosen by AWS
   * are identified by tags.
   */
  isForPullRequests?: boolean;
  /** Ids chosen by AWS, known after the first `pulumi up`. */
  apiId?: string | undefined;
  userPoolId?: string | undefined;
  /** Ids of the resources that serve the stack's page. */
  distributionId?: string | undefined;
  originAccessControlId?: string | undefined;
  responseHeadersPolicyId?: string | undefined;
}

/**
 * The stacks of all pull requests: their resources' names begin with `chat-pr-`, and their stages' names with `pr-`.
 */
export const PULL_REQUESTS: Stack = { name: "pr", stage: "pr-*", isDevelopment: false, isForPullRequests: true };

/** The path of roles that stacks create. Nothing that `bootstrap` creates is under it. */
export function rolePath({ project }: Target): string {
  return `/${project}/`;
}

/** The path of resources that `bootstrap` creates. The deploy roles can't change anything under it. */
export function ciPath({ project }: Target): string {
  return `/${project}-ci/`;
}

/** Prefix of the names of a stack's resources. */
export function prefixOf({ project }: Target, { name }: Stack): string {
  return `${project}-${name}-`;
}

export function stateBucket({ project, account, region }: Target): string {
  return `${project}-state-${account}-${region}`;
}

/** Bucket for the files of a stack's page. */
export function pageBucket(target: Target, stack: Stack): string {
  return `${prefixOf(target, stack)}page-${target.account}-${target.region}`;
}

/** Value for `PULUMI_BACKEND_URL` and `pulumi login`: each stack has its own prefix. */
export function stateUrl(target: Target, { name }: Stack): string {
  return `s3://${stateBucket(target)}/${name}?region=${target.region}`;
}

export function keyAlias({ project }: Target, { name }: Stack): string {
  return `alias/${project}-${name}`;
}

/** Value for `pulumi stack init --secrets-provider`. */
export function secretsProvider(target: Target, stack: Stack): string {
  return `awskms:///${keyAlias(target, stack)}?region=${target.region}`;
}

export function previewRole(target: Target): string {
  return `${target.project}-preview-${target.region}`;
}

export function deployRole(target: Target, { name }: Stack): string {
  return `${target.project}-deploy-${name}-${target.region}`;
}

/** Name of the role that previews a stack for `main` and detects drift. */
export function planRole(target: Target, { name }: Stack): string {
  return `${target.project}-plan-${name}-${target.region}`;
}

/** GitHub environment in which a stack is previewed for `main`; it has no reviewers. */
export function planEnvironment({ name }: Stack): string {
  return `${name}-plan`;
}

/** Name of the role that API Gateway uses to write the logs of every API in the account and Region. */
export function logsRole(target: Target): string {
  return `${target.project}-api-gateway-logs-${target.region}`;
}

export function boundaryName(target: Target, { name }: Stack): string {
  return `${target.project}-boundary-${name}-${target.region}`;
}

export function boundaryArn(target: Target, stack: Stack): string {
  return iamArn(target, `policy${ciPath(target)}${boundaryName(target, stack)}`);
}

/** ARN of a role that `bootstrap` creates. */
export function ciRoleArn(target: Target, name: string): string {
  return iamArn(target, `role${ciPath(target)}${name}`);
}

export const GITHUB = "token.actions.githubusercontent.com";

export function githubProviderArn(target: Target): string {
  return iamArn(target, `oidc-provider/${GITHUB}`);
}

export function arn(target: Target, service: string, resource: string): string {
  return `arn:${partition(target)}:${service}:${target.region}:${target.account}:${resource}`;
}

export function iamArn(target: Target, resource: string): string {
  return `arn:${partition(target)}:iam::${target.account}:${resource}`;
}

export function bucketArn(target: Target): string {
  return `arn:${partition(target)}:s3:::${stateBucket(target)}`;
}

export function partition({ region }: Target): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
