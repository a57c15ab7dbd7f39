/** Tests how the gateway handles an authorizer's answers. */
import { describe, expect, test } from "vitest";
import { authorize } from "../../local/gateway/authorizer.ts";
import type { GatewayBackend } from "../../local/gateway/backend.ts";
import type { GatewayEvent } from "../../local/gateway/events.ts";

const METHOD_ARN = "arn:aws:execute-api:eu-central-1:000000000000:api/prod/$connect";
const FUNCTION_ARN = "arn:aws:lambda:eu-central-1:000000000000:function:authorizer";

/** The gateway's answer if the authorizer returns `result`, or, with `failed`, throws an error with this message. */
function answerTo(result: unknown, { failed = false, mayBeInvoked = true, headers = { Token: "t" } as object } = {}) {
  const payload = failed ? { errorType: "Error", errorMessage: result, trace: [] } : result;
  const backend = {
    report: () => {},
    access: { serviceMayInvoke: () => mayBeInvoked },
    functions: new Map([
      [
        "authorizer",
        {
          settings: { name: "authorizer", arn: FUNCTION_ARN },
          permissions: new Map(),
          invoke: async () => ({ payload: JSON.stringify(payload) ?? "null", failed }),
        },
      ],
    ]),
  } as unknown as GatewayBackend;
  const authorizer = { id: "a", identitySources: ["route.request.header.token"], functionName: "authorizer" };
  const event = { headers, requestContext: {} } as unknown as GatewayEvent;
  const request = { event, sender: "127.0.0.1", methodArn: METHOD_ARN, authorizerArn: "arn:authorizer" };
  return authorize(backend, authorizer, request);
}

const policy = (Effect: string, Resource: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect, Action: "execute-api:Invoke", Resource }],
});
const allow = policy("Allow", METHOD_ARN);

describe("an authorizer", () => {
  test("that allows this route opens the connection, and its context is converted to strings", async () => {
    const context = { name: "Ana", age: 7, admin: true };
    expect(await answerTo({ principalId: "ana", policyDocument: allow, context })).toEqual({
      context: { principalId: "ana", name: "Ana", age: "7", admin: "true" },
    });
  });

  test.each([
    ["denies", policy("Deny", METHOD_ARN)],
    ["allows another stage", policy("Allow", METHOD_ARN.replace("prod", "dev"))],
    [
      "allows only paths in the form of a REST API",
      policy("Allow", "arn:aws:execute-api:eu-central-1:000000000000:api/prod/*/*"),
    ],
  ])("that %s gives 403", async (_, policyDocument) => {
    expect(await answerTo({ principalId: "ana", policyDocument })).toMatchObject({ status: 403 });
  });

  test.each([
    ["nothing", null],
    ["no principalId", { policyDocument: allow }],
    ["no policy", { principalId: "ana" }],
    ["the simple response of HTTP APIs", { isAuthorized: true }],
    ["an object in its context", { principalId: "ana", policyDocument: allow, context: { deep: {} } }],
    ["more than 8 KB", { principalId: "ana", policyDocument: allow, context: { long: "x".repeat(9_000) } }],
  ])("that returns %s gives 500", async (_, result) => {
    expect(await answerTo(result)).toMatchObject({ status: 500 });
  });

  test("that throws exactly Unauthorized gives 401, any other error 500", async () => {
    expect(await answerTo("Unauthorized", { failed: true })).toMatchObject({ status: 401 });
    expect(await answerTo("unauthorized", { failed: true })).toMatchObject({ status: 500 });
  });

  test("that API Gateway has no permission to invoke gives 500", async () => {
    const result = { principalId: "ana", policyDocument: allow };
    expect(await answerTo(result, { mayBeInvoked: false })).toMatchObject({ status: 500 });
  });

  test("isn't invoked if an identity source is missing or empty", async () => {
    const result = { principalId: "ana", policyDocument: allow };
    expect(await answerTo(result, { headers: {} })).toMatchObject({ status: 401 });
    expect(await answerTo(result, { headers: { token: "" } })).toMatchObject({ status: 401 });
  });
});
