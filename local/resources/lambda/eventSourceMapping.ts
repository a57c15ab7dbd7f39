import type { Draft } from "../../draft.ts";
import { parsePattern } from "../../eventBus/pattern.ts";
import { functionNameOf } from "../../gateway/invoke.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";

export function outputs({ urn, inputs }: { urn: string; inputs: Inputs }, place: Place): Made {
  const id = stableId(urn, LOWERCASE, 32);
  const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return {
    id: uuid,
    uuid,
    arn: place.arnOf("lambda", `event-source-mapping:${uuid}`),
    functionArn: place.arnOf("lambda", `function:${functionNameOf(inputs.functionName)}`),
    state: "Enabled",
  };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  const { eventSourceArn, filterCriteria, destinationConfig, enabled = true } = inputs;
  const functionName = functionNameOf(inputs.functionName);
  if (!draft.functions.has(functionName)) {
    throw new Error(`ResourceNotFoundException: Function not found: ${inputs.functionName}`);
  }
  const isQueue = /:sqs:/.test(eventSourceArn ?? "");
  const isStream = /:dynamodb:.*\/stream\//.test(eventSourceArn ?? "");
  if (!isQueue && !isStream) {
    draft.warnOnce(
      `${functionName} has the event source ${eventSourceArn}: the local cloud only reads queues and streams of tables`,
    );
    return;
  }
  if (isStream && !["LATEST", "TRIM_HORIZON"].includes(inputs.startingPosition)) {
    throw new Error("InvalidParameterValueException: 1 validation error detected: a stream needs a startingPosition");
  }
  const onFailure = destinationConfig?.onFailure?.destinationArn;
  draft.eventSources.set(id, {
    id,
    sourceArn: eventSourceArn,
    functionName,
    enabled,
    batchSize: inputs.batchSize ?? (isQueue ? 10 : 100),
    windowMs: (inputs.maximumBatchingWindowInSeconds ?? 0) * 1000,
    filters: (filterCriteria?.filters ?? []).map(({ pattern }: Inputs) => parsePattern(pattern)),
    reportsItemFailures: (inputs.functionResponseTypes ?? []).includes("ReportBatchItemFailures"),
    maximumRetryAttempts: inputs.maximumRetryAttempts ?? -1,
    maximumRecordAgeSeconds: inputs.maximumRecordAgeInSeconds ?? -1,
    bisects: inputs.bisectBatchOnFunctionError ?? false,
    ...(onFailure === undefined ? {} : { onFailure }),
  });
}
