/** Determines which resources an action can be limited to. */
import { type Action, type Catalog, canMatch } from "@serverless-chat/iam";

/** Actions whose calls rarely involve a resource, because data sets, lexicons and views are optional in them. */
const RARELY_USE_RESOURCES = new Set(
  `cloudwatch:PutMetricData cloudwatch:GetMetricData cloudwatch:ListMetrics polly:SynthesizeSpeech
   translate:TranslateText translate:TranslateDocument ce:GetCostAndUsage ce:GetCostForecast ce:GetDimensionValues
   ce:GetTags ce:GetCostCategories`.split(/\s+/),
);

/** Whether a policy can limit an action to resources, whatever the action is used for. */
export function hasResources({ name, resources }: Action): boolean {
  return resources.length > 0 && !RARELY_USE_RESOURCES.has(name);
}

/** Whether a resource pattern can match a resource of an action. */
export function canApplyTo({ resources }: Action, pattern: string): boolean {
  // IAM allows an action without resource-level permissions only if the statement's resource is `*` or a pattern like
  // `**`, which matches as much.
  if (resources.length === 0) return /^\?*\*[*?]*$/.test(pattern);
  return resources.some(({ arn }) => canMatch(arn, pattern));
}

/** Prefixes that two services share. AWS may document an action on both services' pages; the catalog has one entry. */
const SHARED_PREFIXES = new Set([
  ...["apigateway", "aws-marketplace", "elasticloadbalancing", "greengrass", "kinesisanalytics", "lex", "ses"],
  ...["servicecatalog", "sms-voice", "sso", "iotwireless", "chime"],
]);

/** Whether the action's entry in the catalog may lack this resource. */
export function mayLackType({ name }: Action, pattern: string, catalog: Catalog): boolean {
  const prefix = name.slice(0, name.indexOf(":"));
  return SHARED_PREFIXES.has(prefix) && catalog.templatesOf(prefix).some((template) => canMatch(template, pattern));
}

/** The part that an ARN lacks although all resources that it could name have one; undefined for a complete ARN. */
export function missingPart({ resources }: Action, pattern: string): "account" | "Region" | undefined {
  const [, , service, region, account, ...rest] = pattern.split(":");
  const name = rest.join(":");
  if (name === "" || /\*/.test(service ?? "")) return undefined;
  const templates = resources.filter(({ arn }) => canMatch(arn, pattern)).map(({ arn }) => arn.split(":"));
  if (templates.length === 0) return undefined;
  // AWS's own resources don't belong to an account, such as parameter/aws/service/… and document/AWS-RunShellScript.
  const isOfAws = /(^|[/:])(aws|amazon)/i.test(name) || OWNED_BY_AWS.has(service ?? "");
  if (account === "" && !isOfAws && templates.every((parts) => parts[4] === "${Account}")) return "account";
  if (region === "" && templates.every((parts) => parts[3] === "${Region}")) return "Region";
  return undefined;
}

/** Services where an ARN without an account is usually valid, because it names a resource that AWS provides. */
const OWNED_BY_AWS = new Set(["bedrock", "cloudformation", "elasticbeanstalk", "imagebuilder"]);
