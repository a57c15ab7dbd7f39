/** An account with both stacks after their first `pulumi up`, and functions that evaluate its policies. */
import { Catalog, evaluate, parsePolicy } from "@serverless-chat/iam";
import { makingTagged, page, reads, resources, roles, testPeople } from "../../deploy/policies/deploy.ts";
import { type Document, document } from "../../deploy/policies/document.ts";
import { readState, writeState } from "../../deploy/policies/state.ts";
import {
  boundaryArn,
  ciRoleArn,
  deployRole,
  PULL_REQUESTS,
  planRole,
  previewRole,
  type Stack,
  type Target,
} from "../../deploy/target.ts";

export const ACCOUNT = "000000000000";
export const REGION = "eu-central-1";

export const DEV: Stack = {
  name: "dev",
  stage: "dev",
  isDevelopment: true,
  apiId: "a1b2c3d4e5",
  userPoolId: `${REGION}_AbCdEf123`,
  distributionId: "E1AAAAAAAAAAAA",
  originAccessControlId: "E2AAAAAAAAAAAA",
  responseHeadersPolicyId: "11111111-1111-4111-8111-111111111111",
};
export const PROD: Stack = {
  name: "prod",
  stage: "prod",
  isDevelopment: false,
  apiId: "f6g7h8i9j0",
  userPoolId: `${REGION}_GhIjKl456`,
  distributionId: "E1BBBBBBBBBBBB",
  originAccessControlId: "E2BBBBBBBBBBBB",
  responseHeadersPolicyId: "22222222-2222-4222-8222-222222222222",
};
export const TARGET: Target = {
  account: ACCOUNT,
  region: REGION,
  project: "chat",
  repository: "octo-org/chat",
  stacks: [DEV, PROD],
};

export const CATALOGUE = new Catalog(new URL("../../iam/catalog.jsonl", import.meta.url));

/** A deploy role's policy documents, by their names, as they are in the template. */
export function deployDocuments(stack: Stack, target = TARGET): Record<string, Document> {
  const people = testPeople(target, stack);
  return {
    state: writeState(target, stack),
    roles: roles(target, stack),
    resources: resources(target, stack),
    ...(stack.isForPullRequests ? { made: makingTagged(target) } : { page: page(target, stack) }),
    ...(people === undefined ? {} : { "test-people": people }),
  };
}

/** All permissions of a deploy role, in one document. */
export function allOf(stack: Stack, target = TARGET): Document {
  return document(...Object.values(deployDocuments(stack, target)).flatMap(({ Statement }) => Statement));
}

/** A role and its own policies. */
export interface Who {
  arn: string;
  policies: Document;
}

export const DEPLOY_DEV: Who = { arn: ciRoleArn(TARGET, deployRole(TARGET, DEV)), policies: allOf(DEV) };
export const DEPLOY_PROD: Who = { arn: ciRoleArn(TARGET, deployRole(TARGET, PROD)), policies: allOf(PROD) };
export const DEPLOY_PULL_REQUESTS: Who = {
  arn: ciRoleArn(TARGET, deployRole(TARGET, PULL_REQUESTS)),
  policies: allOf(PULL_REQUESTS),
};
export const PLAN_PROD: Who = {
  arn: ciRoleArn(TARGET, planRole(TARGET, PROD)),
  policies: document(...readState(TARGET, PROD).Statement, ...reads(TARGET, PROD).Statement),
};
export const PREVIEW: Who = { arn: ciRoleArn(TARGET, previewRole(TARGET)), policies: readState(TARGET, DEV) };

/** Whether a role may do this, given its own policies and the policy of the resource. */
export function may(
  who: Who,
  action: string,
  resource: string,
  { context = {}, of }: { context?: Record<string, string>; of?: Document } = {},
): boolean {
  return evaluate(
    { action, resource, context, principal: { AWS: who.arn } },
    { identity: [parsePolicy(who.policies)], ...(of === undefined ? {} : { resource: [parsePolicy(of)] }) },
  ).allowed;
}

export const BOUNDARY = boundaryArn(TARGET, DEV);
