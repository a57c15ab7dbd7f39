/** Actions that Lambda itself performs with a function's role because of its settings. */
import FEATURES from "../../iam/function-features.json" with { type: "json" };
import type { StackResource } from "../resources/resource.ts";

const SOURCE = "aws:lambda/eventSourceMapping:EventSourceMapping";
const INVOKE_CONFIG = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";

type Feature = keyof typeof FEATURES;

/** Actions that Lambda performs, or may perform, for a function's features. */
export function featureActions(lambda: StackResource, resources: StackResource[]): Set<string> {
  const features = featuresOf(lambda, resources);
  // With a customer managed key, Lambda decrypts with the role's permissions.
  return new Set([...features, "customerKey" as const].flatMap((feature) => FEATURES[feature]));
}

/**
 * Actions that a function's settings require. Omits those of Lambda Insights and customer managed keys, which the
 * function might not use.
 */
export function actionsOfSettings(lambda: StackResource, resources: StackResource[]): Set<string> {
  const needed = featuresOf(lambda, resources).filter((feature) => feature !== "insights");
  return new Set(needed.flatMap((feature) => FEATURES[feature]));
}

function featuresOf(lambda: StackResource, resources: StackResource[]): Feature[] {
  const { props } = lambda;
  const features: Feature[] = ["logging", "insights"];
  if (props.deadLetterConfig !== undefined) features.push("deadLetter", "deadLetterTopic");
  if (mode(props.tracingConfig) === "Active") features.push("tracing");
  if (props.vpcConfig !== undefined) features.push("network");
  if (props.fileSystemConfig !== undefined) features.push("fileSystem");
  const own = resources.filter((resource) => isOf(lambda, resource));
  if (own.some(({ type, props: { destinationConfig } }) => type === INVOKE_CONFIG && destinationConfig !== undefined)) {
    features.push("deadLetter", "deadLetterTopic");
  }
  if (own.some(({ type }) => type === SOURCE)) features.push("queueSource", "tableStreamSource", "streamSource");
  return features;
}

function mode(tracing: unknown): unknown {
  return typeof tracing === "object" && tracing !== null ? (tracing as { mode?: unknown }).mode : undefined;
}

/** Whether a resource configures a function, according to its dependencies, or otherwise by name or ARN. */
function isOf({ urn, name: resourceName, props: { name, arn } }: StackResource, other: StackResource): boolean {
  if (other.type !== SOURCE && other.type !== INVOKE_CONFIG) return false;
  if ((other.propertyDependencies.functionName ?? []).includes(urn)) return true;
  const named = other.props.functionName;
  return named !== undefined && (named === name || named === arn || (name === undefined && named === resourceName));
}
