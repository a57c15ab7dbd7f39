/**
 * Tests the role that deploys pull requests' stacks, whose permissions depend on names and tags, and the role that
 * plans prod.
 */
import { describe, expect, test } from "vitest";
import { keyPolicy } from "../../deploy/policies/key.ts";
import { boundaryArn, bucketArn, iamArn, PULL_REQUESTS } from "../../deploy/target.ts";
import { ACCOUNT, DEPLOY_PULL_REQUESTS, DEV, may, PLAN_PROD, PREVIEW, PROD, REGION, TARGET } from "./target.ts";

const api = (path: string) => `arn:aws:apigateway:${REGION}::${path}`;
const pool = (id: string) => `arn:aws:cognito-idp:${REGION}:${ACCOUNT}:userpool/${id}`;
const tags = (kind: "Request" | "Resource", stack: string, project = "chat") => ({
  context: { [`aws:${kind}Tag/project`]: project, [`aws:${kind}Tag/stack`]: stack },
});

describe("the role of pull requests", () => {
  test("creates, changes and deletes resources named after pull requests", () => {
    const bounded = { context: { "iam:PermissionsBoundary": boundaryArn(TARGET, PULL_REQUESTS) } };
    expect(may(DEPLOY_PULL_REQUESTS, "iam:CreateRole", iamArn(TARGET, "role/chat/chat-pr-12-hello"), bounded)).toBe(
      true,
    );
    for (const [action, resource] of [
      ["lambda:CreateFunction", `arn:aws:lambda:${REGION}:${ACCOUNT}:function:chat-pr-12-hello`],
      ["dynamodb:DeleteTable", `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/chat-pr-1-messages`],
      ["s3:PutObject", `${bucketArn(TARGET)}/pr/.pulumi/stacks/chat/pr-12.json`],
    ] as const) {
      expect({ action, may: may(DEPLOY_PULL_REQUESTS, action, resource) }).toEqual({ action, may: true });
    }
  });

  test("creates and changes an API and a user pool with a pull request's tags", () => {
    expect(may(DEPLOY_PULL_REQUESTS, "apigateway:POST", api("/apis"), tags("Request", "pr-12"))).toBe(true);
    expect(may(DEPLOY_PULL_REQUESTS, "cognito-idp:CreateUserPool", "*", tags("Request", "pr-12"))).toBe(true);
    for (const path of ["/apis/abc", "/apis/abc/routes", "/apis/abc/stages/pr-12"]) {
      expect(may(DEPLOY_PULL_REQUESTS, "apigateway:DELETE", api(path), tags("Resource", "pr-12"))).toBe(true);
    }
    expect(may(DEPLOY_PULL_REQUESTS, "cognito-idp:DeleteUserPool", pool("p"), tags("Resource", "pr-12"))).toBe(true);
  });

  test.each([
    ["without tags", { context: {} }],
    ["with another stack's tags", tags("Request", "dev")],
    ["with another project's tags", tags("Request", "pr-12", "shop")],
  ])("can't create an API or a user pool %s", (_, options) => {
    expect(may(DEPLOY_PULL_REQUESTS, "apigateway:POST", api("/apis"), options)).toBe(false);
    expect(may(DEPLOY_PULL_REQUESTS, "cognito-idp:CreateUserPool", "*", options)).toBe(false);
  });

  test.each([
    ["without tags", { context: {} }],
    ["of dev", tags("Resource", "dev")],
    ["of prod", tags("Resource", "prod")],
    ["of another project", tags("Resource", "pr-12", "shop")],
  ])("can't touch an API or a user pool %s, or tag one as its own", (_, options) => {
    const context = { context: { ...options.context, ...tags("Request", "pr-12").context } };
    for (const action of ["apigateway:GET", "apigateway:POST", "apigateway:PATCH", "apigateway:DELETE"]) {
      expect(may(DEPLOY_PULL_REQUESTS, action, api(`/apis/${PROD.apiId}`), context)).toBe(false);
      expect(may(DEPLOY_PULL_REQUESTS, action, api(`/apis/${PROD.apiId}/routes`), context)).toBe(false);
      const path = `/tags/${encodeURIComponent(api(`/apis/${PROD.apiId}`))}`;
      expect(may(DEPLOY_PULL_REQUESTS, action, api(path), context)).toBe(false);
    }
    for (const action of ["TagResource", "UpdateUserPool", "DeleteUserPool", "AdminSetUserPassword"]) {
      expect(may(DEPLOY_PULL_REQUESTS, `cognito-idp:${action}`, pool("p"), context)).toBe(false);
    }
  });

  test("can't touch a stack whose name only looks like a pull request's", () => {
    for (const stack of ["prod", "dev", "p", "preview", "chat-dev"]) {
      for (const [action, resource] of [
        ["lambda:UpdateFunctionCode", `arn:aws:lambda:${REGION}:${ACCOUNT}:function:chat-${stack}-hello`],
        ["dynamodb:DeleteTable", `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/chat-${stack}-messages`],
        ["sqs:DeleteQueue", `arn:aws:sqs:${REGION}:${ACCOUNT}:chat-${stack}-lost-posts`],
        ["s3:GetObject", `${bucketArn(TARGET)}/${stack}/.pulumi/meta.yaml`],
        ["s3:PutObject", `${bucketArn(TARGET)}/${stack}/.pulumi/meta.yaml`],
      ] as const) {
        expect({ action, resource, may: may(DEPLOY_PULL_REQUESTS, action, resource) }).toMatchObject({ may: false });
      }
    }
    for (const stack of [DEV, PROD]) {
      const of = keyPolicy(TARGET, stack);
      expect(may(DEPLOY_PULL_REQUESTS, "kms:Decrypt", `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`, { of })).toBe(false);
    }
  });

  test("uses the key of pull requests, which no other role does", () => {
    const key = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`;
    const of = keyPolicy(TARGET, PULL_REQUESTS);
    for (const action of ["kms:Decrypt", "kms:Encrypt"]) {
      expect(may(DEPLOY_PULL_REQUESTS, action, key, { of })).toBe(true);
      expect(may(PREVIEW, action, key, { of })).toBe(false);
    }
    expect(may(DEPLOY_PULL_REQUESTS, "kms:PutKeyPolicy", key, { of })).toBe(false);
  });
});

describe("the role that plans prod", () => {
  test("reads the resources of prod, and its state", () => {
    expect(may(PLAN_PROD, "s3:GetObject", `${bucketArn(TARGET)}/prod/.pulumi/meta.yaml`)).toBe(true);
    expect(may(PLAN_PROD, "lambda:GetFunction", `arn:aws:lambda:${REGION}:${ACCOUNT}:function:chat-prod-hello`)).toBe(
      true,
    );
    expect(may(PLAN_PROD, "apigateway:GET", api(`/apis/${PROD.apiId}/routes`))).toBe(true);
  });

  test("can't change anything, read another stack, or read a message", () => {
    for (const { Action } of PLAN_PROD.policies.Statement) {
      for (const action of [Action].flat()) expect(action).toMatch(/:(Describe|Get|List|GET$)/);
    }
    expect(may(PLAN_PROD, "s3:GetObject", `${bucketArn(TARGET)}/dev/.pulumi/meta.yaml`)).toBe(false);
    expect(may(PLAN_PROD, "lambda:GetFunction", `arn:aws:lambda:${REGION}:${ACCOUNT}:function:chat-dev-hello`)).toBe(
      false,
    );
    expect(may(PLAN_PROD, "dynamodb:GetItem", `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/chat-prod-messages`)).toBe(
      false,
    );
  });
});
