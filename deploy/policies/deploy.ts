/** Permissions that CI needs to deploy one stack. */
import {
  arn,
  boundaryArn,
  ciPath,
  iamArn,
  type Place,
  pageBucket,
  partition,
  prefixOf,
  rolePath,
  type Stack,
} from "../place.ts";
import { type Operation, PROGRAM_CALLS, RESOURCE_TYPES, type Subject } from "../resourceTypes.ts";
import { type Document, document, type Statement } from "./document.ts";

/**
 * Creating roles and passing them to Lambda, only under the stacks' path and only with the boundary. Nobody can use
 * these permissions to gain more than the boundary allows.
 */
export function roles(place: Place, stack: Stack): Document {
  const under = `${rolePath(place)}*`;
  return document(...statementsFor(["role", "boundedRole", "passedRole"], place, stack), {
    Sid: "BoundariesStay",
    Effect: "Deny",
    Action: [
      "iam:DeleteRolePermissionsBoundary",
      "iam:CreatePolicyVersion",
      "iam:SetDefaultPolicyVersion",
      "iam:DeletePolicyVersion",
      "iam:DeletePolicy",
    ],
    Resource: [iamArn(place, `role${under}`), iamArn(place, `policy${ciPath(place)}*`)],
  });
}

/** Reading a stack's resources, to detect changes made outside the program. */
export function reads(place: Place, stack: Stack): Document {
  const subjects: Subject[] = ["role", "function", "table", "tableKey", "logGroup", "queue", "rule", "any", "api"];
  const served: Subject[] = ["bucket", "object", "distribution", "originAccessControl", "responseHeadersPolicy"];
  return document(...statementsFor([...subjects, "userPool", ...served], place, stack, ["read"]));
}

/** Creating resources with names chosen by AWS, for pull requests. Their tags identify them afterward. */
export function makingTagged(place: Place): Document {
  return document(
    {
      Sid: "MakeApi",
      Effect: "Allow",
      Action: "apigateway:POST",
      Resource: `arn:${partition(place)}:apigateway:${place.region}::/apis`,
      Condition: taggedForPullRequests(place, "aws:RequestTag"),
    },
    {
      Sid: "MakeUserPool",
      Effect: "Allow",
      Action: "cognito-idp:CreateUserPool",
      // A resource that doesn't exist has no ARN.
      Resource: "*",
      Condition: taggedForPullRequests(place, "aws:RequestTag"),
    },
  );
}

/** Permissions for all other resources of a stack. */
export function resources(place: Place, stack: Stack): Document {
  const subjects: Subject[] = ["function", "invokedFunction", "table", "tableKey", "logGroup", "queue", "rule", "any"];
  return document(...statementsFor([...subjects, "api", "userPool"], place, stack));
}

/** The stack's page: its files, and the CloudFront resources that serve them. */
export function page(place: Place, stack: Stack): Document {
  const served: Subject[] = ["distribution", "originAccessControl", "responseHeadersPolicy"];
  return document(...statementsFor(["bucket", "object", ...served], place, stack));
}

/** Users for the end-to-end tests, who get a new password each time. For development stacks only. */
export function testPeople(place: Place, stack: Stack): Document | undefined {
  const { userPool } = subjectsOf(place, stack);
  if (!(stack.isDevelopment || stack.isForPullRequests) || userPool === undefined) return undefined;
  return document({
    Sid: "TestPeople",
    Effect: "Allow",
    Action: ["cognito-idp:AdminCreateUser", "cognito-idp:AdminSetUserPassword"],
    ...userPool,
  });
}

/** Resources and condition for the actions on a subject; undefined if the subject doesn't exist yet. */
export type Scope = Pick<Statement, "Resource" | "Condition">;

/** The ARNs of a stack's subjects: exact ones, or prefixes that match the names of the stack's resources. */
export function subjectsOf(place: Place, stack: Stack): Record<Subject, Scope | undefined> {
  const name = `${prefixOf(place, stack)}*`;
  const role = iamArn(place, `role${rolePath(place)}${name}`);
  return {
    role: { Resource: role },
    boundedRole: {
      Resource: role,
      Condition: { StringEquals: { "iam:PermissionsBoundary": boundaryArn(place, stack) } },
    },
    passedRole: { Resource: role, Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } } },
    function: { Resource: arn(place, "lambda", `function:${name}`) },
    invokedFunction: {
      Resource: arn(place, "lambda", `function:${name}`),
      Condition: { StringEquals: { "lambda:Principal": ["apigateway.amazonaws.com", "events.amazonaws.com"] } },
    },
    table: { Resource: arn(place, "dynamodb", `table/${name}`) },
    tableKey: {
      Resource: arn(place, "kms", "key/*"),
      Condition: { StringEquals: { "kms:RequestAlias": "alias/aws/dynamodb" } },
    },
    logGroup: {
      Resource: ["/aws/lambda/", "/aws/apigateway/"].map((service) =>
        arn(place, "logs", `log-group:${service}${name}`),
      ),
    },
    queue: { Resource: arn(place, "sqs", name) },
    rule: { Resource: arn(place, "events", `rule/${name}`) },
    ...namedByAws(place, stack),
    distribution: cloudFront(place, "distribution", stack.distributionId),
    originAccessControl: cloudFront(place, "origin-access-control", stack.originAccessControlId),
    responseHeadersPolicy: cloudFront(place, "response-headers-policy", stack.responseHeadersPolicyId),
    bucket: { Resource: `arn:${partition(place)}:s3:::${pageBucket(place, stack)}` },
    object: { Resource: `arn:${partition(place)}:s3:::${pageBucket(place, stack)}/*` },
    any: { Resource: "*" },
  };
}

/** An API and a user pool: by their ids if they exist, otherwise by their tags. */
function namedByAws(place: Place, stack: Stack): Pick<Record<Subject, Scope | undefined>, "api" | "userPool"> {
  if (stack.isForPullRequests) {
    const Condition = taggedForPullRequests(place, "aws:ResourceTag");
    const api = `arn:${partition(place)}:apigateway:${place.region}::/apis/*`;
    // The role can't change the tags that it depends on: no statement here allows API Gateway's tag paths.
    return {
      api: { Resource: api, Condition },
      userPool: { Resource: arn(place, "cognito-idp", "userpool/*"), Condition },
    };
  }
  const { apiId, userPoolId } = stack;
  return {
    api: apiId === undefined ? undefined : { Resource: apiArns(place, apiId) },
    userPool: userPoolId === undefined ? undefined : { Resource: arn(place, "cognito-idp", `userpool/${userPoolId}`) },
  };
}

/** Tags that components give to the resources of a pull request's stack. */
function taggedForPullRequests(
  { project }: Place,
  tag: "aws:RequestTag" | "aws:ResourceTag",
): NonNullable<Statement["Condition"]> {
  return { StringEquals: { [`${tag}/project`]: project }, StringLike: { [`${tag}/stack`]: "pr-*" } };
}

/** CloudFront's ARNs have no Region. */
function cloudFront(place: Place, kind: string, id: string | undefined): Scope | undefined {
  if (id === undefined) return undefined;
  return { Resource: `arn:${partition(place)}:cloudfront::${place.account}:${kind}/${id}` };
}

/** ARNs of an API, its parts and their tags. None of them contains an account. */
function apiArns(place: Place, apiId: string): string[] {
  const path = (resource: string) => `arn:${partition(place)}:apigateway:${place.region}::${resource}`;
  const api = path(`/apis/${apiId}`);
  return [api, `${api}/*`, path(`/tags/${encodeURIComponent(api)}*`)];
}

const OPERATIONS: Operation[] = ["create", "read", "update", "delete"];

function statementsFor(subjects: Subject[], place: Place, stack: Stack, operations = OPERATIONS): Statement[] {
  const scopes = subjectsOf(place, stack);
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
