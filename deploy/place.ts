/** Where the chat is deployed by CI, and what everything is called that has to be there before. */

export interface Place {
  account: string;
  region: string;
  /** Project name in Pulumi.yaml; names of a stack's resources begin with it. */
  project: string;
  /**
   * As GitHub's tokens name it.
   * @example "octo-org/chat", "octo-org@65/chat@4711" where subjects are immutable
   */
  repository: string;
  stacks: Stack[];
}

/** A stack that is deployed to this account and Region. */
export interface Stack {
  name: string;
  /** Stage name of its API; part of the ARN of every connection. */
  stage: string;
  /** Pull requests are previewed against it, and the end-to-end tests run against it. */
  isDevelopment: boolean;
  /** Not one stack but those of all pull requests, `pr-12` and the like: what AWS names is known by its tags. */
  isForPullRequests?: boolean;
  /** What AWS has named, once the first `up` has made it. */
  apiId?: string | undefined;
  userPoolId?: string | undefined;
  /** What serves its page. */
  distributionId?: string | undefined;
  originAccessControlId?: string | undefined;
  responseHeadersPolicyId?: string | undefined;
}

/** The stacks of all pull requests: names of what they have begin with `chat-pr-`, and so do their stages, with `pr-`. */
export const PULL_REQUESTS: Stack = { name: "pr", stage: "pr-*", isDevelopment: false, isForPullRequests: true };

/** The path of the roles that stacks make; nothing of what `bootstrap` makes stands under it. */
export function rolePath({ project }: Place): string {
  return `/${project}/`;
}

/** The path of what `bootstrap` makes: out of reach of those who deploy. */
export function ciPath({ project }: Place): string {
  return `/${project}-ci/`;
}

/** What the names of everything of a stack begin with. */
export function prefixOf({ project }: Place, { name }: Stack): string {
  return `${project}-${name}-`;
}

export function stateBucket({ project, account, region }: Place): string {
  return `${project}-state-${account}-${region}`;
}

/** The files of a stack's page. */
export function pageBucket(place: Place, stack: Stack): string {
  return `${prefixOf(place, stack)}page-${place.account}-${place.region}`;
}

/** For `PULUMI_BACKEND_URL` and `pulumi login`: one prefix a stack. */
export function stateUrl(place: Place, { name }: Stack): string {
  return `s3://${stateBucket(place)}/${name}?region=${place.region}`;
}

export function keyAlias({ project }: Place, { name }: Stack): string {
  return `alias/${project}-${name}`;
}

/** For `pulumi stack init --secrets-provider`. */
export function secretsProvider(place: Place, stack: Stack): string {
  return `awskms:///${keyAlias(place, stack)}?region=${place.region}`;
}

export function previewRole(place: Place): string {
  return `${place.project}-preview-${place.region}`;
}

export function deployRole(place: Place, { name }: Stack): string {
  return `${place.project}-deploy-${name}-${place.region}`;
}

/** The role that previews a stack for `main`, and looks for drift. */
export function planRole(place: Place, { name }: Stack): string {
  return `${place.project}-plan-${name}-${place.region}`;
}

/** Environment on GitHub in which a stack is previewed for `main`, with no reviewers. */
export function planEnvironment({ name }: Stack): string {
  return `${name}-plan`;
}

/** The role by which API Gateway writes the logs of every API in the account and Region. */
export function logsRole(place: Place): string {
  return `${place.project}-api-gateway-logs-${place.region}`;
}

export function boundaryName(place: Place, { name }: Stack): string {
  return `${place.project}-boundary-${name}-${place.region}`;
}

export function boundaryArn(place: Place, stack: Stack): string {
  return iamArn(place, `policy${ciPath(place)}${boundaryName(place, stack)}`);
}

/** ARN of a role that `bootstrap` makes. */
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
