import type { Draft } from "../../draft.ts";
import { functionNameOf } from "../../gateway/invoke.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Made, Resource } from "../model.ts";
import { apiOf } from "./apiOf.ts";

/** API Gateway ends an integration of a WebSocket API after 29 s at most. */
const LONGEST_TIMEOUT_MS = 29_000;

export function outputs({ urn }: { urn: string }): Made {
  return { id: stableId(urn, LOWERCASE, 7) };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  const timeoutMs = inputs.timeoutMilliseconds ?? LONGEST_TIMEOUT_MS;
  if (timeoutMs < 50 || timeoutMs > LONGEST_TIMEOUT_MS) {
    throw new Error(
      `BadRequestException: Timeout should be between 50 ms and ${LONGEST_TIMEOUT_MS} ms, it is ${timeoutMs}`,
    );
  }
  if (inputs.integrationType !== "AWS_PROXY") {
    draft.report({
      event: "warning",
      message: `an integration of type ${inputs.integrationType} is not served: only AWS_PROXY is`,
    });
  }
  const functionArn = draft.arnOf("lambda", `function:${functionNameOf(inputs.integrationUri ?? "")}`);
  apiOf(draft, inputs.apiId).integrations.set(id, { id, type: inputs.integrationType, functionArn, timeoutMs });
}
