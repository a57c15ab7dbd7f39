import type { Draft } from "../../draft.ts";
import { functionNameOf } from "../../gateway/invoke.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { integrationKey, restApiOf } from "./restApiOf.ts";

const LONGEST_TIMEOUT_MS = 29_000;

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: `agi-${inputs.restApi}-${inputs.resourceId}-${inputs.httpMethod}` };
}

export function serve({ inputs }: Resource, draft: Draft): void {
  const { resourceId, httpMethod, type, uri = "", timeoutMilliseconds, credentials } = inputs;
  const api = restApiOf(draft, inputs.restApi);
  if (type !== "AWS_PROXY" && type !== "MOCK") {
    draft.warnOnce(`the API "${api.name}" has an integration of type ${type}: only AWS_PROXY and MOCK are served`);
  }
  api.integrations.set(integrationKey(resourceId, httpMethod), {
    type,
    functionName: functionNameOf(uri),
    timeoutMs: timeoutMilliseconds ?? LONGEST_TIMEOUT_MS,
    payloadVersion: "1.0",
    ...(credentials === undefined ? {} : { credentialsArn: credentials }),
  });
}
