import type { Place } from "./model.ts";

/** A place with AWS's ARNs and URLs for an account and a Region. Nothing serves the URLs. */
export function awsPlace(accountId: string, region: string): Place {
  const hostOf = (apiId: string) => `${apiId}.execute-api.${region}.amazonaws.com`;
  return {
    accountId,
    region,
    httpScheme: "https",
    httpApis: new Set(),
    webSocketScheme: "wss",
    sqsEndpoint: `https://sqs.${region}.amazonaws.com`,
    arnOf: (service, resource) => `arn:aws:${service}:${region}:${accountId}:${resource}`,
    hostOf,
    httpHostOf: hostOf,
  };
}
