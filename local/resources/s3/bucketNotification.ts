import type { Notification } from "../../buckets/bucket.ts";
import type { Draft } from "../../draft.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { bucketOf } from "./bucketOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: inputs.bucket };
}

/** Sets all notifications of a bucket. A second resource for the same bucket replaces the first. */
export function serve({ urn, inputs }: Resource, draft: Draft): void {
  const { lambdaFunctions = [], queues = [], topics = [], eventbridge = false } = inputs;
  const bucket = bucketOf(draft, inputs.bucket);
  const configurations: Inputs[] = [...lambdaFunctions, ...queues, ...topics];
  bucket.notifications = configurations.map((configuration, i): Notification => {
    const {
      id,
      lambdaFunctionArn,
      queueArn,
      topicArn,
      events = [],
      filterPrefix = "",
      filterSuffix = "",
    } = configuration;
    return {
      id: id ?? `tf-s3-${stableId(`${urn} ${i}`, LOWERCASE, 20)}`,
      target: lambdaFunctionArn ?? queueArn ?? topicArn,
      events,
      prefix: filterPrefix,
      suffix: filterSuffix,
    };
  });
  bucket.notifiesEventBridge = eventbridge;
}
