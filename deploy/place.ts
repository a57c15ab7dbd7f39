/** The account and Region that CI deploys to, and the names of everything that must exist there first. */

export interface Place {
  account: string;
  region: string;
  /** Project name in Pulumi.yaml; the names of a stack's resources begin with it. */
  project: string;
  /**
   * The repository, as GitHub's tokens name it.
   * @example "octo-org/chat", "octo-org@65/chat@4711" where subjects are immutable
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
  /** Ids chosen by AWS, known after the first `up`. */
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
export function rolePath({ project }: Place): string {
  return `/${project}/`;
}

/** The path of resources that `bootstrap` creates. The deploy roles can't change anything under it. */
export function ciPath({ project }: Place): string {
  return `/${project}-ci/`;
}

/** Prefix of the names of a stack's resources. */
export function prefixOf({ project }: Place, { name }: Stack): string {
  return `${project}-${name}-`;
}

export function stateBucket({ project, account, region }: Place): string {
  return `${project}-state-${account}-${region}`;
}

/** Bucket for the files of a stack's page. */
export function pageBucket(place: Place, stack: Stack): string {
  return `${prefixOf(place, stack)}page-${place.account}-${place.region}`;
}

/** Value for `PULUMI_BACKEND_URL` and `pulumi login`: each stack has its own prefix. */
export function stateUrl(place: Place, { name }: Stack): string {
  return `s3://${stateBucket(place)}/${name}?region=${place.region}`;
}

export function keyAlias({ project }: Place, { name }: Stack): string {
  return `alias/${project}-${name}`;
}

/** Value for `pulumi stack init --secrets-provider`. */
export function secretsProvider(place: Place, stack: Stack): string {
  return `awskms:///${keyAlias(place, stack)}?region=${place.region}`;
}

export function previewRole(place: Place): string {
  return `${place.project}-preview-${place.region}`;
}

export function deployRole(place: Place, { name }: Stack): string {
  return `${place.project}-deploy-${name}-${place.region}`;
}

/** Name of the role that previews a stack for `main` and detects drift. */
export function planRole(place: Place, { name }: Stack): string {
  return `${place.project}-plan-${name}-${place.region}`;
}

/** GitHub environment in which a stack is previewed for `main`; it has no reviewers. */
export function planEnvironment({ name }: Stack): string {
  return `${name}-plan`;
}

/** Name of the role that API Gateway uses to write the logs of every API in the account and Region. */
export function logsRole(place: Place): string {
  return `${place.project}-api-gateway-logs-${place.region}`;
}

export function boundaryName(place: Place, { name }: Stack): string {
  return `${place.project}-boundary-${name}-${place.region}`;
}

export function boundaryArn(place: Place, stack: Stack): string {
  return iamArn(place, `policy${ciPath(place)}${boundaryName(place, stack)}`);
}

/** ARN of a role that `bootstrap` creates. */
export function ciRoleArn(place: Place, name: string): string {
  return iamArn(place, `role${ciPath(place)}${name}`);
}

export const GITHUB = "token.actions.githubusercontent.com";

export function githubProviderArn(place: Place): string {
  return iamArn(place, `oidc-provider/${GITHUB}`);
}

export function arn(place: Place, service: string, resource: string): string {
  return `arn:${partition(place)}:${service}:${place.region}:${place.account}:${resource}`;
}

export function iamArn(place: Place, resource: string): string {
  return `arn:${partition(place)}:iam::${place.account}:${resource}`;
}

export function bucketArn(place: Place): string {
  return `arn:${partition(place)}:s3:::${stateBucket(place)}`;
}

export function partition({ region }: Place): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
