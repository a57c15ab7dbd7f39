/** What CI may do to deploy one stack. */
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
import { PROGRAM_CALLS, RESOURCE_TYPES, type Subject } from "../resourceTypes.ts";
import { type Document, document, type Statement } from "./document.ts";

/**
 * Making roles, and handing them to Lambda: only under the stacks' path and only within the boundary, so that nobody
 * gains more by it than the boundary has.
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

/** Everything else that a stack consists of. */
export function resources(place: Place, stack: Stack): Document {
  const subjects: Subject[] = ["function", "invokedFunction", "table", "tableKey", "logGroup", "queue", "rule", "any"];
  return document(...statementsFor([...subjects, "api", "userPool"], place, stack));
}

/** The stack's page: its files, and what CloudFront serves them by. */
export function page(place: Place, stack: Stack): Document {
  const served: Subject[] = ["distribution", "originAccessControl", "responseHeadersPolicy"];
  return document(...statementsFor(["bucket", "object", ...served], place, stack));
}

/** People for the end-to-end tests, who get a new password each time; of the development stack only. */
export function testPeople(place: Place, stack: Stack): Document | undefined {
  if (!stack.isDevelopment || stack.userPoolId === undefined) return undefined;
  return document({
    Sid: "TestPeople",
    Effect: "Allow",
    Action: ["cognito-idp:AdminCreateUser", "cognito-idp:AdminSetUserPassword"],
    Resource: subjectsOf(place, stack).userPool?.Resource ?? [],
  });
}

/** Where, and under which condition, the actions on a subject are allowed; undefined where it is not there yet. */
export type Scope = Pick<Statement, "Resource" | "Condition">;

/** The ARNs of a stack's subjects: exact, or everything whose name begins as those of the stack do. */
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
    api: stack.apiId === undefined ? undefined : { Resource: apiArns(place, stack.apiId) },
    userPool:
      stack.userPoolId === undefined
        ? undefined
        : { Resource: arn(place, "cognito-idp", `userpool/${stack.userPoolId}`) },
    distribution: cloudFront(place, "distribution", stack.distributionId),
    originAccessControl: cloudFront(place, "origin-access-control", stack.originAccessControlId),
    responseHeadersPolicy: cloudFront(place, "response-headers-policy", stack.responseHeadersPolicyId),
    bucket: { Resource: `arn:${partition(place)}:s3:::${pageBucket(place, stack)}` },
    object: { Resource: `arn:${partition(place)}:s3:::${pageBucket(place, stack)}/*` },
    any: { Resource: "*" },
  };
}

/** CloudFront's ARNs have no Region. */
function cloudFront(place: Place, kind: string, id: string | undefined): Scope | undefined {
  if (id === undefined) return undefined;
  return { Resource: `arn:${partition(place)}:cloudfront::${place.account}:${kind}/${id}` };
}

/** ARNs of an API, its parts and their tags; none of them contains an account. */
function apiArns(place: Place, apiId: string): string[] {
  const path = (resource: string) => `arn:${partition(place)}:apigateway:${place.region}::${resource}`;
  const api = path(`/apis/${apiId}`);
  return [api, `${api}/*`, path(`/tags/${encodeURIComponent(api)}*`)];
}

function statementsFor(subjects: Subject[], place: Place, stack: Stack): Statement[] {
  const scopes = subjectsOf(place, stack);
  return subjects.flatMap((subject) => {
    const scope = scopes[subject];
    const actions = [...new Set(callsOn(subject))].sort();
    if (scope === undefined || actions.length === 0) return [];
    return [{ Sid: sidOf(subject), Effect: "Allow" as const, Action: actions, ...scope }];
  });
}

function callsOn(subject: Subject): string[] {
  const operations = Object.values(RESOURCE_TYPES).flatMap((type) => Object.values(type));
  return [...operations, PROGRAM_CALLS].flatMap((calls) => calls[subject] ?? []);
}

function sidOf(subject: Subject): string {
  return `${subject[0]?.toUpperCase()}${subject.slice(1)}`;
}
