/** Which resources actions could be about. */
import { type Action, canMatch } from "@serverless-chat/iam";

/** Their resources are extras, such as data sets, lexicons and views: most calls are about none. */
const MOSTLY_ABOUT_NONE = new Set(
  `cloudwatch:PutMetricData cloudwatch:GetMetricData cloudwatch:ListMetrics polly:SynthesizeSpeech
   translate:TranslateText translate:TranslateDocument ce:GetCostAndUsage ce:GetCostForecast ce:GetDimensionValues
   ce:GetTags ce:GetCostCategories`.split(/\s+/),
);

/** Whether an action can be limited to resources, whatever it is called for. */
export function hasResources({ name, resources }: Action): boolean {
  return resources.length > 0 && !MOSTLY_ABOUT_NONE.has(name);
}

export function canApplyTo({ resources }: Action, pattern: string): boolean {
  // What has no resource of its own is allowed on all of them only.
  if (resources.length === 0) return /^\?*\*[*?]*$/.test(pattern);
  return resources.some(({ arn }) => canMatch(arn, pattern));
}
