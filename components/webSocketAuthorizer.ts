import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { CallbackFunction } from "./CallbackFunction";

/** Authorizer of `$connect`: its function, and the parts of a request that API Gateway requires. */
export interface WebSocketAuthorizer {
  // biome-ignore lint/suspicious/noExplicitAny: a function with any uses
  target: CallbackFunction<any>;
  /** @example ["route.request.header.Authorization"] */
  identitySources: string[];
}

/** Creates an API's authorizer, and the permission for it to invoke its function. */
export function createAuthorizer(
  parent: pulumi.Resource,
  name: string,
  api: aws.apigatewayv2.Api,
  { target, identitySources }: WebSocketAuthorizer,
): aws.apigatewayv2.Authorizer {
  const authorizer = new aws.apigatewayv2.Authorizer(
    name,
    {
      apiId: api.id,
      name: target.functionName,
      authorizerType: "REQUEST",
      authorizerUri: target.function.invokeArn,
      identitySources,
    },
    { parent },
  );
  new aws.lambda.Permission(
    `${name}-authorizer`,
    {
      action: "lambda:InvokeFunction",
      function: target.function.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: pulumi.interpolate`${api.executionArn}/authorizers/${authorizer.id}`,
    },
    { parent },
  );
  return authorizer;
}
