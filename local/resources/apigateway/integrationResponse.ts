import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { integrationKey, restApiOf } from "./restApiOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: `agir-${inputs.restApi}-${inputs.resourceId}-${inputs.httpMethod}-${inputs.statusCode}` };
}

/** Defines a mock's response: fixed headers, and text that isn't evaluated as a template. */
export function serve({ inputs }: Resource, draft: Draft): void {
  const { resourceId, httpMethod, statusCode, responseParameters = {}, responseTemplates = {} } = inputs;
  const integration = restApiOf(draft, inputs.restApi).integrations.get(integrationKey(resourceId, httpMethod));
  if (integration === undefined) throw new Error("NotFoundException: No integration defined for method");
  const headers = Object.entries(responseParameters as Record<string, string>).flatMap(([parameter, value]) => {
    const [, name] = /^method\.response\.header\.(.+)$/.exec(parameter) ?? [];
    const [, fixed] = /^'(.*)'$/.exec(value) ?? [];
    return name === undefined || fixed === undefined ? [] : [[name.toLowerCase(), fixed]];
  });
  integration.mock = {
    status: Number(statusCode),
    headers: Object.fromEntries(headers),
    body: responseTemplates["application/json"] ?? "",
  };
}
