import type { Draft } from "../../draft.ts";
import { functionNameOf } from "../../gateway/invoke.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";
import { restApiOf } from "./restApiOf.ts";

export function outputs({ urn, inputs }: { urn: string; inputs: Inputs }, place: Place): Made {
  const id = stableId(urn, LOWERCASE, 6);
  return { id, arn: `arn:aws:apigateway:${place.region}::/restapis/${inputs.restApi}/authorizers/${id}` };
}

const DEFAULT_TTL_SECONDS = 300;
const POOL = /^arn:[a-z-]+:cognito-idp:([^:]+):\d+:userpool\/(.+)$/;

/** @throws Error with API Gateway's message for an invalid authorizer */
export function serve({ id, inputs }: Resource, draft: Draft): void {
  const { type = "TOKEN", authorizerUri = "", authorizerCredentials, providerArns = [] } = inputs;
  const { identitySource = "method.request.header.Authorization", identityValidationExpression } = inputs;
  const api = restApiOf(draft, inputs.restApi);
  const identitySources: string[] = identitySource.split(",").map((source: string) => source.trim());
  if (type === "COGNITO_USER_POOLS") {
    const issuers = providerArns.flatMap((arn: string) => {
      const [, region, pool] = POOL.exec(arn) ?? [];
      return pool === undefined ? [] : [`https://cognito-idp.${region}.amazonaws.com/${pool}`];
    });
    api.authorizers.set(id, { kind: type, id, identitySources, issuers, audiences: [] });
    return;
  }
  if (type !== "TOKEN" && type !== "REQUEST") {
    throw new Error(`BadRequestException: Invalid authorizer type specified: ${type}`);
  }
  api.authorizers.set(id, {
    kind: type,
    id,
    functionName: functionNameOf(authorizerUri),
    ...(authorizerCredentials === undefined ? {} : { credentialsArn: authorizerCredentials }),
    identitySources: identitySources.filter((source) => source !== ""),
    ...(identityValidationExpression ? { tokenPattern: new RegExp(`^(?:${identityValidationExpression})$`) } : {}),
    payloadVersion: "1.0",
    simpleResponses: false,
    ttlSeconds: inputs.authorizerResultTtlInSeconds ?? DEFAULT_TTL_SECONDS,
  });
}
