/** Permissions that CI needs to deploy one stack. */

import { type Operation, PROGRAM_CALLS, RESOURCE_TYPES, type Subject } from "../resourceTypes.ts";
import {
  arn,
  boundaryArn,
  ciPath,
  iamArn,
  pageBucket,
  partition,
  prefixOf,
  rolePath,
  type Stack,
  type Target,
} from "../target.ts";
import { type Document, document, type Statement } from "./document.ts";

/**
 * Permissions to create roles, only under the stacks' path and only with the boundary, and to pass them to Lambda.
 * Nobody can use these permissions to gain more than the boundary allows.
 */
export function roles(target: Target, stack: Stack): Document {
  const under = `${rolePath(target)}*`;
  return document(...statementsFor(["role", "boundedRole", "passedRole"], target, stack), {
    Sid: "BoundariesStay",
    Effect: "Deny",
    Action: [
      "iam:DeleteRolePermissionsBoundary",
      "iam:CreatePolicyVersion",
      "iam:SetDefaultPolicyVersion",
      "iam:DeletePolicyVersion",
      "iam:DeletePolicy",
    ],
    Resource: [iamArn(target, `role${under}`), iamArn(target, `policy${ciPath(target)}*`)],
  });
}

/** Permissions to read a stack's resources, to detect changes made outside the program. */
export function reads(target: Target, stack: Stack): Document {
  const subjects: Subject[] = ["role", "function", "table", "tableKey", "logGroup", "queue", "rule", "any", "api"];
  const served: Subject[] = ["bucket", "object", "distribution", "originAccessControl", "responseHeadersPolicy"];
  return document(...statementsFor([...subjects, "userPool", ...served], target, stack, ["read"]));
}

/** Permissions to create resources whose ids AWS chooses, for pull requests. Tags identify them afterward. */
export function makingTagged(target: Target): Document {
  return document(
    {
      Sid: "MakeApi",
      Effect: "Allow",
      Action: "apigateway:POST",
      Resource: `arn:${partition(target)}:apigateway:${target.region}::/apis`,
      Condition: taggedForPullRequests(target, "aws:RequestTag"),
    },
    {
      Sid: "MakeUserPool",
      Effect: "Allow",
      Action: "cognito-idp:CreateUserPool",
      // A user pool that doesn't exist yet has no ARN.
      Resource: "*",
      Condition: taggedForPullRequests(target, "aws:RequestTag"),
    },
  );
}

/** Permissions for all other resources of a stack. */
export function resources(target: Target, stack: Stack): Document {
  const subjects: Subject[] = ["function", "invokedFunction", "table", "tableKey", "logGroup", "queue", "rule", "any"];
  return document(...statementsFor([...subjects, "api", "userPool"], target, stack));
}

/** Permissions for the stack's page: its files, and the CloudFront resources that serve them. */
export function page(target: Target, stack: Stack): Document {
  const served: Subject[] = ["distribution", "originAccessControl", "responseHeadersPolicy"];
  return document(...statementsFor(["bucket", "object", ...served], target, stack));
}

/** Permissions to create users for the end-to-end tests; undefined if the stack has no such tests or no pool yet. */
export function testPeople(target: Target, stack: Stack): Document | undefined {
  const { userPool } = subjectsOf(target, stack);
  if (!(stack.isDevelopment || stack.isForPullRequests) || userPool === undefined) return undefined;
  return document({
    Sid: "TestPeople",
    Effect: "Allow",
    Action: ["cognito-idp:AdminCreateUser", "cognito-idp:AdminSetUserPassword"],
    ...userPool,
  });
}

/** The part of a statement that limits actions to a subject. */
export type Scope = Pick<Statement, "Resource" | "Condition">;

/** Scopes of a stack's subjects: exact ARNs, or patterns of the stack's names; undefined if an id isn't known yet. */
export function subjectsOf(target: Target, stack: Stack): Record<Subject, Scope | undefined> {
  const name = `${prefixOf(target, stack)}*`;
  const role = iamArn(target, `role${rolePath(target)}${name}`);
  return {
    role: { Resource: role },
    boundedRole: {
      Resource: role,
      Condition: { StringEquals: { "iam:PermissionsBoundary": boundaryArn(target, stack) } },
    },
    passedRole: { Resource: role, Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } } },
    function: { Resource: arn(target, "lambda", `function:${name}`) },
    invokedFunction: {
      Resource: arn(target, "lambda", `function:${name}`),
      Condition: { StringEquals: { "lambda:Principal": ["apigateway.amazonaws.com", "events.amazonaws.com"] } },
    },
    table: { Resource: arn(target, "dynamodb", `table/${name}`) },
    tableKey: {
      Resource: arn(target, "kms", "key/*"),
      Condition: { StringEquals: { "kms:RequestAlias": "alias/aws/dynamodb" } },
    },
    logGroup: {
      Resource: ["/aws/lambda/", "/aws/apigateway/"].map((service) =>
        arn(target, "logs", `log-group:${service}${name}`),
      ),
    },
    queue: { Resource: arn(target, "sqs", name) },
    rule: { Resource: arn(target, "events", `rule/${name}`) },
    ...namedByAws(target, stack),
    distribution: cloudFront(target, "distribution", stack.distributionId),
    originAccessControl: cloudFront(target, "origin-access-control", stack.originAccessControlId),
    responseHeadersPolicy: cloudFront(target, "response-headers-policy", stack.responseHeadersPolicyId),
    bucket: { Resource: `arn:${partition(target)}:s3:::${pageBucket(target, stack)}` },
    object: { Resource: `arn:${partition(target)}:s3:::${pageBucket(target, stack)}/*` },
    any: { Resource: "*" },
  };
}

/** Scopes of an API and a user pool: by their ids if these are known, or by tags for the stacks of pull requests. */
function namedByAws(target: Target, stack: Stack): Pick<Record<Subject, Scope | undefined>, "api" | "userPool"> {
  if (stack.isForPullRequests) {
    const Condition = taggedForPullRequests(target, "aws:ResourceTag");
    const api = `arn:${partition(target)}:apigateway:${target.region}::/apis/*`;
    // The role can't change the tags that it depends on: no statement here allows API Gateway's tag paths.
    return {
      api: { Resource: api, Condition },
      userPool: { Resource: arn(target, "cognito-idp", "userpool/*"), Condition },
    };
  }
  const { apiId, userPoolId } = stack;
  return {
    api: apiId === undefined ? undefined : { Resource: apiArns(target, apiId) },
    userPool: userPoolId === undefined ? undefined : { Resource: arn(target, "cognito-idp", `userpool/${userPoolId}`) },
  };
}

/** Tags that components give to the resources of a pull request's stack. */
function taggedForPullRequests(
  { project }: Target,
  tag: "aws:RequestTag" | "aws:ResourceTag",
): NonNullable<Statement["Condition"]> {
  return { StringEquals: { [`${tag}/project`]: project }, StringLike: { [`${tag}/stack`]: "pr-*" } };
}

/** CloudFront's ARNs have no Region. */
function cloudFront(target: Target, kind: string, id: string | undefined): Scope | undefined {
  if (id === undefined) return undefined;
  return { Resource: `arn:${partition(target)}:cloudfront::${target.account}:${kind}/${id}` };
}

/** ARNs of an API, its parts and their tags. None of them contains an account. */
function apiArns(target: Target, apiId: string): string[] {
  const path = (resource: string) => `arn:${partition(target)}:apigateway:${target.region}::${resource}`;
  const api = path(`/apis/${apiId}`);
  return [api, `${api}/*`, path(`/tags/${encodeURIComponent(api)}*`)];
}

const OPERATIONS: Operation[] = ["create", "read", "update", "delete"];

function statementsFor(subjects: Subject[], target: Target, stack: Stack, operations = OPERATIONS): Statement[] {
  const scopes = subjectsOf(target, stack);
  return subjects.flatMap((subject) => {
    const scope = scopes[subject];
    const actions = [...new Set(callsOn(subject, operations))].sort();
    if (scope === undefined || actions.length === 0) return [];
    return [{ Sid: sidOf(subject), Effect: "Allow" as const, Action: actions, ...scope }];
  });
}

function callsOn(subject: Subject, operations: Operation[]): string[] {
  const calls = Object.values(RESOURCE_TYPES).flatMap((type) => operations.map((operation) => type[operation]));
  return [...calls, PROGRAM_CALLS].flatMap((calls) => calls[subject] ?? []);
}

function sidOf(subject: Subject): string {
  return `${subject[0]?.toUpperCase()}${subject.slice(1)}`;
}
