/**
 * Request authorizers.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
 */
import { evaluate, parsePolicy } from "@serverless-chat/iam";
import { reportFailure } from "../functions/failure.ts";
import type { GatewayBackend } from "./backend.ts";
import type { Authorizer } from "./definition.ts";
import type { GatewayEvent } from "./events.ts";

/** The authorizer's context for a connection that may open, or the status that the client gets instead. */
export type Authorized = { context: Record<string, string> } | { status: 401 | 403 | 500; why: string };

const APIGATEWAY = "apigateway.amazonaws.com";
const MAX_RESULT_BYTES = 8 * 1024;

/** A request to connect. */
export interface AuthorizerRequest {
  event: GatewayEvent;
  /** Sender of the invocation: the client's address, because nobody knows yet who the client is. */
  sender: string;
  /** `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/$connect`. */
  methodArn: string;
  /** `arn:aws:execute-api:REGION:ACCOUNT:API/authorizers/ID`, which the function's permission has to name. */
  authorizerArn: string;
}

export async function authorize(
  { functions, access, report }: GatewayBackend,
  authorizer: Authorizer,
  { event, sender, methodArn, authorizerArn }: AuthorizerRequest,
): Promise<Authorized> {
  const missing = authorizer.identitySources.find((source) => !identityOf(source, event));
  if (missing !== undefined) return { status: 401, why: `${missing} is missing` };
  const target = functions.get(authorizer.functionName);
  if (target === undefined) return { status: 500, why: "the authorizer's function does not exist" };
  const permissions = [...target.permissions.values()];
  const { arn } = target.settings;
  const mayInvoke =
    authorizer.credentialsArn === undefined
      ? access.serviceMayInvoke(permissions, APIGATEWAY, arn, authorizerArn)
      : access.roleRefusal(authorizer.credentialsArn, APIGATEWAY, "lambda:InvokeFunction", arn) === undefined;
  if (!mayInvoke) return { status: 500, why: "API Gateway isn't allowed to invoke the authorizer" };
  const { isBase64Encoded: _, ...rest } = event;
  const invoked = await target.invoke(JSON.stringify({ type: "REQUEST", methodArn, ...rest }), undefined, sender);
  if (invoked.failed) {
    // Only this exact message is an answer; every other error is a failure of the authorizer.
    const { errorMessage } = JSON.parse(invoked.payload) as { errorMessage: string };
    if (errorMessage === "Unauthorized") return { status: 401, why: "the authorizer says Unauthorized" };
    reportFailure(report, authorizer.functionName, invoked, "$connect");
    return { status: 500, why: "the authorizer failed" };
  }
  return resultOf(invoked.payload, methodArn);
}

function resultOf(payload: string, methodArn: string): Authorized {
  const malformed = (why: string): Authorized => ({ status: 500, why: `the authorizer's result is malformed: ${why}` });
  if (Buffer.byteLength(payload) > MAX_RESULT_BYTES) return malformed("it is over 8 KB");
  const { principalId, policyDocument, context = {} } = (JSON.parse(payload) ?? {}) as Record<string, unknown>;
  if (typeof principalId !== "string" || principalId === "") return malformed("principalId is not a string");
  if (typeof context !== "object" || context === null) return malformed("context is not an object");
  for (const [key, value] of Object.entries(context)) {
    if (!["string", "number", "boolean"].includes(typeof value))
      return malformed(`context.${key} is not a plain value`);
  }
  try {
    const policy = parsePolicy(policyDocument);
    const { allowed } = evaluate({ action: "execute-api:Invoke", resource: methodArn }, { identity: [policy] });
    if (!allowed) return { status: 403, why: "the authorizer's policy does not allow this connection" };
  } catch (error) {
    return malformed((error as Error).message);
  }
  const flattened = Object.entries(context).map(([key, value]) => [key, String(value)]);
  return { context: { principalId, ...Object.fromEntries(flattened) } };
}

/** The value of an identity source; "" if it is missing or WebSocket APIs don't support its kind. */
function identityOf(source: string, event: GatewayEvent): string {
  const match = /^(?:route\.request\.(header|querystring)|(context|stageVariables))\.(.+)$/.exec(source);
  if (match === null) return "";
  const [, part, other, name] = match as unknown as [string, string?, string?, string?];
  const values = {
    header: event.headers,
    querystring: event.queryStringParameters,
    context: event.requestContext,
    stageVariables: event.stageVariables,
  }[part ?? other ?? ""] as Record<string, unknown> | undefined;
  const found = Object.entries(values ?? {}).find(([key]) =>
    part === "header" ? key.toLowerCase() === name?.toLowerCase() : key === name,
  );
  return found === undefined ? "" : String(found[1]);
}
