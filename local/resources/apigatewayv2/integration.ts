import type { Draft } from "../../draft.ts";
import { functionNameOf } from "../../gateway/invoke.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Made, Resource } from "../model.ts";
import { apiOf } from "./apiOf.ts";
import { serveHttpIntegration } from "./httpApi.ts";

/** Maximum timeout of a WebSocket API's integration. */
const LONGEST_TIMEOUT_MS = 29_000;

export function outputs({ urn }: { urn: string }): Made {
  return { id: stableId(urn, LOWERCASE, 7) };
}

export function serve(resource: Resource, draft: Draft): void {
  const { id, inputs } = resource;
  const httpApi = draft.httpApis.get(inputs.apiId);
  if (httpApi !== undefined) {
    serveHttpIntegration(resource, httpApi);
    return;
  }
  const timeoutMs = inputs.timeoutMilliseconds ?? LONGEST_TIMEOUT_MS;
  if (timeoutMs < 50 || timeoutMs > LONGEST_TIMEOUT_MS) {
    throw new Error(
      `BadRequestException: Timeout should be between 50 ms and ${LONGEST_TIMEOUT_MS} ms, not ${timeoutMs}`,
    );
  }
  const { integrationType: type, integrationUri: uri = "", integrationMethod: method, credentialsArn } = inputs;
  const { requestTemplates, requestParameters, templateSelectionExpression } = inputs;
  if (!["AWS_PROXY", "AWS", "MOCK", "HTTP", "HTTP_PROXY"].includes(type)) {
    throw new Error(`BadRequestException: ${type} is not an integration type of a WebSocket API`);
  }
  if (type === "AWS" && functionNameOf(uri) === uri) {
    draft.warnOnce(`an integration calls ${uri}: the local cloud invokes functions, but no other AWS services`);
  }
  if (type !== "MOCK" && (requestTemplates || requestParameters || templateSelectionExpression)) {
    draft.warnOnce(
      "an integration maps requests with templates or parameters: the local cloud passes requests unchanged",
    );
  }
  const functionArn = draft.arnOf("lambda", `function:${functionNameOf(uri)}`);
  apiOf(draft, inputs.apiId).integrations.set(id, {
    id,
    type,
    functionArn,
    timeoutMs,
    uri,
    ...(method === undefined ? {} : { method }),
    ...(credentialsArn === undefined ? {} : { credentialsArn }),
    ...(requestTemplates === undefined ? {} : { requestTemplates }),
  });
}
