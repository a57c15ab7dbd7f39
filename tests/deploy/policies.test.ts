/** Tests what CI is and isn't allowed to do, according to the policy pack's analysis and IAM's evaluation. */
import { describe, expect, test } from "vitest";
import { boundary } from "../../deploy/policies/boundary.ts";
import type { Document } from "../../deploy/policies/document.ts";
import { keyPolicy } from "../../deploy/policies/key.ts";
import { bucketPolicy, readState } from "../../deploy/policies/state.ts";
import { trustInService, trustInWorkflow } from "../../deploy/policies/trust.ts";
import { boundaryArn, bucketArn, ciPath, ciRoleArn, deployRole, iamArn, logsRole } from "../../deploy/target.ts";
import { checkDocument } from "../../policy/checkDocument.ts";
import type { DocumentContext } from "../../policy/document/subject.ts";
import {
  ACCOUNT,
  allOf,
  BOUNDARY,
  CATALOGUE,
  DEPLOY_DEV,
  DEPLOY_PROD,
  DEV,
  deployDocuments,
  may,
  PREVIEW,
  PROD,
  REGION,
  TARGET,
} from "./target.ts";

const findings = (document: Document, context: Omit<DocumentContext, "account" | "region">) =>
  checkDocument(document, { ...context, account: ACCOUNT, region: REGION }, CATALOGUE);

describe("the policy pack finds nothing in", () => {
  const identity = [DEV, PROD].flatMap((stack) =>
    Object.entries(deployDocuments(stack)).map(([name, document]) => [`deploy of ${stack.name}, ${name}`, document]),
  ) as [string, Document][];

  test.each([...identity, ["preview", readState(TARGET, DEV)] as [string, Document]])("%s", (_, document) => {
    expect(findings(document, { kind: "identity" })).toEqual([]);
  });

  test.each([DEV, PROD])("the boundary of $name", (stack) => {
    expect(findings(boundary(TARGET, stack), { kind: "boundary" })).toEqual([]);
  });

  test.each([DEV, PROD])("the key of $name", (stack) => {
    expect(findings(keyPolicy(TARGET, stack), { kind: "resource", service: "kms" })).toEqual([]);
  });

  test("the state bucket", () => {
    expect(findings(bucketPolicy(TARGET), { kind: "resource", service: "s3" })).toEqual([]);
  });

  test.each([
    ["pull requests", trustInWorkflow(TARGET, "pull_request")],
    ["an environment", trustInWorkflow(TARGET, "environment:prod")],
    ["API Gateway", trustInService("apigateway.amazonaws.com")],
  ])("the trust in %s", (_, document) => {
    expect(findings(document, { kind: "trust" })).toEqual([]);
  });

  test.each([DEV, PROD])("all permissions of the deploy role of $name", (stack) => {
    expect(findings(allOf(stack), { kind: "identity" })).toEqual([]);
  });
});

describe("the preview role", () => {
  const object = (stack: string) => `${bucketArn(TARGET)}/${stack}/.pulumi/stacks/chat/${stack}.json`;
  const listing = (prefix: string) =>
    may(PREVIEW, "s3:ListBucket", bucketArn(TARGET), { context: { "s3:prefix": prefix } });

  test("reads the state of dev, and its own identity", () => {
    expect(may(PREVIEW, "s3:GetObject", object("dev"))).toBe(true);
    expect(listing("dev/.pulumi/stacks/")).toBe(true);
    expect(may(PREVIEW, "sts:GetCallerIdentity", "*")).toBe(true);
  });

  test("can't read anything of prod, or the bucket as a whole", () => {
    expect(may(PREVIEW, "s3:GetObject", object("prod"))).toBe(false);
    expect(may(PREVIEW, "s3:GetObjectVersion", object("prod"))).toBe(false);
    for (const prefix of ["", "prod/", "dev", "d", "prod/.pulumi/"]) {
      expect({ prefix, listed: listing(prefix) }).toEqual({ prefix, listed: false });
    }
    expect(may(PREVIEW, "s3:ListBucket", bucketArn(TARGET))).toBe(false);
  });

  test("decrypts with the key of dev, but not with that of prod", () => {
    const key = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234`;
    expect(may(PREVIEW, "kms:Decrypt", key, { of: keyPolicy(TARGET, DEV) })).toBe(true);
    expect(may(PREVIEW, "kms:Decrypt", key, { of: keyPolicy(TARGET, PROD) })).toBe(false);
    expect(may(PREVIEW, "kms:CreateGrant", key, { of: keyPolicy(TARGET, DEV) })).toBe(false);
  });

  test("can't change or create anything, and can't assume a role", () => {
    const actions = PREVIEW.policies.Statement.flatMap(({ Action }) => [Action].flat());
    for (const action of actions) expect(["read", "list"]).toContain(CATALOGUE.action(action)?.level);
    for (const action of ["s3:PutObject", "s3:DeleteObject"]) expect(may(PREVIEW, action, object("dev"))).toBe(false);
    for (const action of ["iam:CreateRole", "lambda:CreateFunction", "sts:AssumeRole"]) {
      expect(may(PREVIEW, action, "*")).toBe(false);
    }
  });
});

describe("the deploy role", () => {
  const role = (name: string, path = "/chat/") => iamArn(TARGET, `role${path}${name}`);
  const bounded = { context: { "iam:PermissionsBoundary": BOUNDARY } };

  test("creates and changes a role that is under the path and has the stack's boundary", () => {
    for (const action of ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"]) {
      expect({ action, may: may(DEPLOY_DEV, action, role("chat-dev-hello-eu-central-1"), bounded) }).toEqual({
        action,
        may: true,
      });
    }
  });

  test.each([
    ["without a boundary", role("chat-dev-hello"), {}],
    ["with another boundary", role("chat-dev-hello"), { "iam:PermissionsBoundary": boundaryArn(TARGET, PROD) }],
    [
      "with a managed policy as its boundary",
      role("chat-dev-hello"),
      { "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess" },
    ],
    ["without a path", role("chat-dev-hello", "/"), { "iam:PermissionsBoundary": BOUNDARY }],
    ["under CI's own path", role("chat-dev-hello", ciPath(TARGET)), { "iam:PermissionsBoundary": BOUNDARY }],
    ["of another stack", role("chat-prod-hello"), { "iam:PermissionsBoundary": BOUNDARY }],
  ])("can't create or change a role %s", (_, arn, context) => {
    for (const action of [
      "iam:CreateRole",
      "iam:PutRolePolicy",
      "iam:PutRolePermissionsBoundary",
      "iam:UpdateAssumeRolePolicy",
    ]) {
      expect({ action, may: may(DEPLOY_DEV, action, arn, { context }) }).toEqual({ action, may: false });
    }
  });

  test("can't remove a boundary", () => {
    for (const context of [{}, bounded.context]) {
      expect(may(DEPLOY_DEV, "iam:DeleteRolePermissionsBoundary", role("chat-dev-hello"), { context })).toBe(false);
    }
  });

  test("can't attach or create a policy", () => {
    for (const action of ["iam:AttachRolePolicy", "iam:CreatePolicy", "iam:PutUserPolicy", "iam:CreateUser"]) {
      for (const resource of [role("chat-dev-hello"), iamArn(TARGET, "policy/chat/mine"), iamArn(TARGET, "user/me")]) {
        expect(may(DEPLOY_DEV, action, resource, bounded)).toBe(false);
      }
    }
  });

  test("can't change a boundary, whatever other policies it gets", () => {
    const administrator = {
      ...DEPLOY_DEV,
      policies: {
        ...DEPLOY_DEV.policies,
        Statement: [
          ...DEPLOY_DEV.policies.Statement,
          { Sid: "Everything", Effect: "Allow" as const, Action: "*", Resource: "*" },
        ],
      },
    };
    expect(may(administrator, "iam:CreateUser", iamArn(TARGET, "user/me"))).toBe(true);
    for (const who of [DEPLOY_DEV, administrator]) {
      for (const action of ["CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy"]) {
        for (const stack of [DEV, PROD]) expect(may(who, `iam:${action}`, boundaryArn(TARGET, stack))).toBe(false);
      }
      expect(may(who, "iam:DeleteRolePermissionsBoundary", role("chat-dev-hello"))).toBe(false);
    }
  });

  test("passes only roles of its stack under the path, and only to Lambda", () => {
    const passes = (arn: string, service?: string) =>
      may(
        DEPLOY_DEV,
        "iam:PassRole",
        arn,
        service === undefined ? {} : { context: { "iam:PassedToService": service } },
      );
    expect(passes(role("chat-dev-hello"), "lambda.amazonaws.com")).toBe(true);
    for (const service of ["ec2.amazonaws.com", "apigateway.amazonaws.com", "states.amazonaws.com", undefined]) {
      expect({ service, passes: passes(role("chat-dev-hello"), service) }).toEqual({ service, passes: false });
    }
    for (const arn of [
      role("chat-dev-hello", "/"),
      role("chat-prod-hello"),
      role("administrator"),
      ciRoleArn(TARGET, deployRole(TARGET, PROD)),
      ciRoleArn(TARGET, logsRole(TARGET)),
    ]) {
      expect({ arn, passes: passes(arn, "lambda.amazonaws.com") }).toEqual({ arn, passes: false });
    }
  });

  test("can't touch the resources of CI itself", () => {
    for (const arn of [DEPLOY_DEV.arn, DEPLOY_PROD.arn, PREVIEW.arn]) {
      for (const action of ["PutRolePolicy", "DeleteRolePolicy", "UpdateAssumeRolePolicy", "DeleteRole", "TagRole"]) {
        expect(may(DEPLOY_DEV, `iam:${action}`, arn, bounded)).toBe(false);
      }
    }
    for (const action of ["PutBucketPolicy", "DeleteBucket", "PutBucketVersioning", "DeleteObjectVersion"]) {
      expect(may(DEPLOY_DEV, `s3:${action}`, bucketArn(TARGET))).toBe(false);
      expect(may(DEPLOY_DEV, `s3:${action}`, `${bucketArn(TARGET)}/dev/.pulumi/stacks/chat/dev.json`)).toBe(false);
    }
    for (const action of ["PutKeyPolicy", "ScheduleKeyDeletion", "CreateGrant"]) {
      expect(
        may(DEPLOY_DEV, `kms:${action}`, `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`, { of: keyPolicy(TARGET, DEV) }),
      ).toBe(false);
    }
  });

  test("can't touch another stack", () => {
    const inProd: [string, string, Record<string, string>?][] = [
      ["s3:GetObject", `${bucketArn(TARGET)}/prod/.pulumi/meta.yaml`],
      ["s3:PutObject", `${bucketArn(TARGET)}/prod/.pulumi/meta.yaml`],
      ["lambda:UpdateFunctionCode", `arn:aws:lambda:${REGION}:${ACCOUNT}:function:chat-prod-hello`],
      ["dynamodb:DeleteTable", `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/chat-prod-messages`],
      ["logs:DeleteLogGroup", `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/chat-prod-hello`],
      ["sqs:DeleteQueue", `arn:aws:sqs:${REGION}:${ACCOUNT}:chat-prod-lost-posts`],
      ["apigateway:DELETE", `arn:aws:apigateway:${REGION}::/apis/${PROD.apiId}`],
      ["apigateway:POST", `arn:aws:apigateway:${REGION}::/apis/${PROD.apiId}/routes`],
      ["cognito-idp:DeleteUserPool", `arn:aws:cognito-idp:${REGION}:${ACCOUNT}:userpool/${PROD.userPoolId}`],
      ["cognito-idp:AdminSetUserPassword", `arn:aws:cognito-idp:${REGION}:${ACCOUNT}:userpool/${PROD.userPoolId}`],
      ["cloudfront:UpdateDistribution", `arn:aws:cloudfront::${ACCOUNT}:distribution/${PROD.distributionId}`],
      ["s3:PutObject", `arn:aws:s3:::chat-prod-page-${ACCOUNT}-${REGION}/index.html`],
    ];
    for (const [action, resource] of inProd) {
      expect({ action, may: may(DEPLOY_DEV, action, resource) }).toEqual({ action, may: false });
    }
    expect(
      may(DEPLOY_DEV, "kms:Decrypt", `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`, { of: keyPolicy(TARGET, PROD) }),
    ).toBe(false);
  });

  test("sets passwords for users of the development stack only", () => {
    const pool = (id: string | undefined) => `arn:aws:cognito-idp:${REGION}:${ACCOUNT}:userpool/${id}`;
    expect(may(DEPLOY_DEV, "cognito-idp:AdminSetUserPassword", pool(DEV.userPoolId))).toBe(true);
    expect(may(DEPLOY_PROD, "cognito-idp:AdminSetUserPassword", pool(PROD.userPoolId))).toBe(false);
  });

  test("can't read or write messages", () => {
    for (const action of ["GetItem", "Query", "Scan", "PutItem", "DeleteItem", "ExportTableToPointInTime"]) {
      expect(
        may(DEPLOY_PROD, `dynamodb:${action}`, `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/chat-prod-messages`),
      ).toBe(false);
    }
    expect(
      may(DEPLOY_PROD, "lambda:InvokeFunction", `arn:aws:lambda:${REGION}:${ACCOUNT}:function:chat-prod-fanOut`),
    ).toBe(false);
  });

  test("has no permission for any API or user pool before the first `pulumi up`", () => {
    const { apiId: _, userPoolId: __, ...unmade } = DEV;
    const who = { ...DEPLOY_DEV, policies: allOf(unmade, { ...TARGET, stacks: [unmade] }) };
    expect(may(who, "apigateway:GET", `arn:aws:apigateway:${REGION}::/apis/${DEV.apiId}`)).toBe(false);
    expect(
      may(who, "cognito-idp:DescribeUserPool", `arn:aws:cognito-idp:${REGION}:${ACCOUNT}:userpool/${DEV.userPoolId}`),
    ).toBe(false);
    expect(JSON.stringify(who.policies)).not.toContain("undefined");
  });
});

describe("trust in GitHub", () => {
  const conditions = (runsFor: "pull_request" | `environment:${string}`, repository = TARGET.repository) =>
    trustInWorkflow({ ...TARGET, repository }, runsFor).Statement[0]?.Condition;

  test("covers one repository, for one event or environment, by its exact subject", () => {
    const aud = { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" };
    expect(conditions("pull_request")).toEqual({
      StringEquals: { ...aud, "token.actions.githubusercontent.com:sub": "repo:octo-org/chat:pull_request" },
    });
    expect(conditions("environment:prod", "octo-org@65/chat@4711")).toEqual({
      StringEquals: {
        ...aud,
        "token.actions.githubusercontent.com:sub": "repo:octo-org@65/chat@4711:environment:prod",
      },
    });
  });
});
