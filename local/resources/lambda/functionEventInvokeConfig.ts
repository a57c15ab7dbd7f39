import type { Draft } from "../../draft.ts";
import { DEFAULT_EVENT_INVOKE_CONFIG } from "../../functions/function.ts";
import { functionNameOf } from "../../gateway/invoke.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { queueTargetOf } from "./queueTarget.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  const { functionName, qualifier } = inputs;
  return { id: qualifier === undefined ? functionName : `${functionName}:${qualifier}` };
}

export function serve({ inputs }: Resource, draft: Draft): void {
  const { functionName, qualifier = "$LATEST", destinationConfig } = inputs;
  const target = draft.functions.get(functionNameOf(functionName));
  if (target === undefined || qualifier !== "$LATEST") {
    throw new Error(`ResourceNotFoundException: Function not found: ${functionName}, qualifier ${qualifier}`);
  }
  if (destinationConfig?.onSuccess !== undefined) {
    const message = `${target.settings.name} has a destination for success, which the local cloud does not support: nothing is sent to it`;
    draft.report({ event: "warning", message });
  }
  const { maximumRetryAttempts, maximumEventAgeSeconds } = DEFAULT_EVENT_INVOKE_CONFIG;
  const onFailure = queueTargetOf(draft, target.caller, destinationConfig?.onFailure?.destination);
  target.eventInvokeConfig = {
    maximumRetryAttempts: within(inputs, "maximumRetryAttempts", maximumRetryAttempts, 0, 2),
    maximumEventAgeSeconds: within(inputs, "maximumEventAgeInSeconds", maximumEventAgeSeconds, 60, 21_600),
    ...(onFailure === undefined ? {} : { onFailure }),
  };
}

function within(inputs: Inputs, field: string, otherwise: number, least: number, most: number): number {
  const value = inputs[field] ?? otherwise;
  if (value >= least && value <= most) return value;
  throw new Error(`InvalidParameterValueException: ${field} is ${value}: it must be a number from ${least} to ${most}`);
}
