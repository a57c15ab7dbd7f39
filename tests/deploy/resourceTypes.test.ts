/** Compares the permissions of the deploy role and of functions with the resources that the program registers. */
import { evaluate, parsePolicy } from "@serverless-chat/iam";
import { beforeAll, describe, expect, test } from "vitest";
import { namesOf } from "../../deploy/existingResources.ts";
import { boundary } from "../../deploy/policies/boundary.ts";
import { MADE_BY_BOOTSTRAP, PROGRAM_CALLS, RESOURCE_TYPES, type Subject } from "../../deploy/resourceTypes.ts";
import { arn, boundaryArn, iamArn, rolePath, type Stack } from "../../deploy/target.ts";
import type { Registration } from "../../local/engine/monitor.ts";
import { type Inputs, previewStack } from "../program/stack.ts";
import { allOf, CATALOGUE, DEV, may, PROD, TARGET } from "./target.ts";

/** Configuration that docs/deploy.md tells people to set. */
const configurationOf = (stack: Stack) => ({
  "chat:apiGatewayAccount": "existing",
  "chat:permissionsBoundary": boundaryArn(TARGET, stack),
});

type Registered = Registration & { inputs: Inputs };
const ofAws = (registrations: Registration[]) =>
  registrations.filter(({ type }) => type.startsWith("aws:")) as Registered[];

describe.each([DEV, PROD])("the stack $name", (before) => {
  let registered: Registered[];
  let stack: Stack;

  beforeAll(async () => {
    const { registrations } = await previewStack(before.name, configurationOf(before));
    registered = ofAws(registrations);
    const inputsOf = (type: string) => registered.find((each) => each.type === type)?.inputs ?? {};
    stack = {
      ...before,
      apiId: inputsOf("aws:apigatewayv2/stage:Stage").apiId,
      userPoolId: inputsOf("aws:cognito/userPoolClient:UserPoolClient").userPoolId,
      distributionId: DEV.distributionId,
      originAccessControlId: DEV.originAccessControlId,
      responseHeadersPolicyId: DEV.responseHeadersPolicyId,
    };
  });

  test("has only resource types that deploy/resourceTypes.ts knows", () => {
    const types = new Set(registered.map(({ type }) => type));
    expect(types.size).toBeGreaterThan(10);
    expect([...types].filter((type) => RESOURCE_TYPES[type] === undefined)).toEqual([]);
  });

  test("has the names by which bootstrap finds resources whose ids AWS chooses", () => {
    const named = (type: string, by = "name") =>
      registered.filter((each) => each.type === type).map(({ inputs }) => inputs[by]);
    const { api, pool, distribution, servedBy } = namesOf(TARGET, stack);
    expect(named("aws:cloudfront/distribution:Distribution", "comment")).toEqual([distribution]);
    expect(named("aws:cloudfront/originAccessControl:OriginAccessControl")).toEqual([servedBy]);
    expect(named("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")).toEqual([servedBy]);
    expect(named("aws:apigatewayv2/api:Api")).toEqual([api]);
    expect(named("aws:cognito/userPool:UserPool")).toEqual([pool]);
  });

  test("can be created, read, changed and deleted by its deploy role", () => {
    const who = { arn: "", policies: allOf(stack) };
    const denied = registered.flatMap((registration) =>
      Object.entries(RESOURCE_TYPES[registration.type] ?? {}).flatMap(([operation, calls]) =>
        Object.entries(calls).flatMap(([subject, actions]) =>
          actions.flatMap((action) => {
            const { resource, context } = about(subject as Subject, registration, stack);
            return may(who, action, resource, { context })
              ? []
              : [`${operation} ${registration.name}: ${action} on ${resource}`];
          }),
        ),
      ),
    );
    expect(denied).toEqual([]);
    for (const action of PROGRAM_CALLS.any ?? []) expect(may(who, action, "*")).toBe(true);
  });

  test("has a boundary that allows everything its functions do", () => {
    const limit = parsePolicy(boundary(TARGET, stack));
    const policies = registered.filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy");
    expect(policies.length).toBeGreaterThan(20);
    for (const { inputs } of policies) {
      for (const { Action, Resource } of inputs.policy.Statement) {
        for (const action of [Action].flat()) {
          for (const pattern of [Resource].flat()) {
            const resource = pattern.replaceAll("*", "x");
            const { reason } = evaluate(
              { action, resource },
              { identity: [parsePolicy(inputs.policy)], boundary: limit },
            );
            expect({ action, resource, reason }).toEqual({ action, resource, reason: "allowed" });
          }
        }
      }
    }
  });

  test("has a boundary that excludes other stacks", () => {
    const limit = parsePolicy(boundary(TARGET, stack));
    const everything = parsePolicy({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    });
    const other = stack.name === "dev" ? "prod" : "dev";
    for (const [action, resource] of [
      ["dynamodb:GetItem", arn(TARGET, "dynamodb", `table/chat-${other}-messages`)],
      ["lambda:InvokeFunction", arn(TARGET, "lambda", `function:chat-${other}-fanOut`)],
      ["execute-api:ManageConnections", arn(TARGET, "execute-api", `abc/${other}/POST/@connections/x`)],
      ["dynamodb:DeleteTable", arn(TARGET, "dynamodb", `table/chat-${stack.name}-messages`)],
      ["iam:CreateUser", iamArn(TARGET, "user/me")],
      ["kms:Decrypt", arn(TARGET, "kms", "key/1")],
      ["s3:GetObject", "arn:aws:s3:::chat-state-000000000000-eu-central-1/dev/x"],
    ] as [string, string][]) {
      const { reason } = evaluate({ action, resource }, { identity: [everything], boundary: limit });
      expect({ action, reason }).toEqual({ action, reason: "outsideBoundary" });
    }
  });
});

describe("the table of resource types", () => {
  test("lists only actions that exist", async () => {
    for (const operations of Object.values(RESOURCE_TYPES)) {
      for (const action of Object.values(operations).flatMap((calls) => Object.values(calls).flat())) {
        expect({ action, name: CATALOGUE.action(action)?.name }).toEqual({ action, name: action });
      }
    }
  });

  test("leaves account-wide resources to bootstrap", async () => {
    const { registrations } = await previewStack("dev", { "chat:apiGatewayAccount": "create" });
    const types = new Set(ofAws(registrations).map(({ type }) => type));
    expect([...types].filter((type) => RESOURCE_TYPES[type] === undefined).sort()).toEqual(MADE_BY_BOOTSTRAP);
    expect(Object.keys(RESOURCE_TYPES).filter((type) => !types.has(type))).toEqual([]);
  });
});

/** The ARN of a call's resource, and the context keys that IAM gets with the call. */
function about(subject: Subject, { type, inputs }: Registered, stack: Stack) {
  const { name, function: of, functionName, role, rule, bucket, key, path = rolePath(TARGET) } = inputs;
  const roleArn = iamArn(TARGET, `role${path}${type === "aws:iam/role:Role" ? name : role?.split("/").at(-1)}`);
  const functionArn = arn(TARGET, "lambda", `function:${of ?? functionName ?? name}`);
  const within = type.slice("aws:apigatewayv2/".length, type.indexOf(":", 4));
  const api = `arn:aws:apigateway:eu-central-1::/apis/${stack.apiId}`;
  const cloudFront = (resource: string) => `arn:aws:cloudfront::${TARGET.account}:${resource}`;
  const subjects: Record<Subject, { resource: string; context?: Record<string, string> }> = {
    role: { resource: roleArn },
    boundedRole: { resource: roleArn, context: { "iam:PermissionsBoundary": boundaryArn(TARGET, stack) } },
    passedRole: { resource: roleArn, context: { "iam:PassedToService": "lambda.amazonaws.com" } },
    function: { resource: functionArn },
    invokedFunction: { resource: functionArn, context: { "lambda:Principal": inputs.principal } },
    table: { resource: arn(TARGET, "dynamodb", `table/${name}`) },
    tableKey: { resource: arn(TARGET, "kms", "key/1234"), context: { "kms:RequestAlias": "alias/aws/dynamodb" } },
    logGroup: { resource: arn(TARGET, "logs", `log-group:${name}`) },
    queue: { resource: arn(TARGET, "sqs", name) },
    rule: { resource: arn(TARGET, "events", `rule/${rule ?? name}`) },
    api: { resource: within === "api" ? api : `${api}/${within}s/abc` },
    userPool: { resource: arn(TARGET, "cognito-idp", `userpool/${stack.userPoolId}`) },
    distribution: { resource: cloudFront(`distribution/${stack.distributionId}`) },
    originAccessControl: { resource: cloudFront(`origin-access-control/${stack.originAccessControlId}`) },
    responseHeadersPolicy: { resource: cloudFront(`response-headers-policy/${stack.responseHeadersPolicyId}`) },
    bucket: { resource: `arn:aws:s3:::${bucket}` },
    object: { resource: `arn:aws:s3:::${bucket}/${key ?? "any"}` },
    any: { resource: "*" },
  };
  return { context: {}, ...subjects[subject] };
}
