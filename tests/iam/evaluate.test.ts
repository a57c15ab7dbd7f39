// biome-ignore-all lint/suspicious/noTemplateCurlyInString: IAM writes its policy variables as ${…}.
/**
 * Tables of IAM's decisions: each row's name states the behavior, and the row has a policy, a request and the decision.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/ (reference_policies_evaluation-logic,
 * reference_policies_elements_*, reference_policies_variables). What AWS doesn't document isn't tested.
 */
import {
  type AccessRequest,
  type Decision,
  evaluate,
  isKnownOperator,
  type Policies,
  PolicySyntaxError,
  parsePolicy,
} from "@serverless-chat/iam";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

type Document = Record<string, unknown>;
type Statement = Record<string, unknown>;
type Context = NonNullable<AccessRequest["context"]>;
type Principal = NonNullable<AccessRequest["principal"]>;

/** Policies as written, before parsePolicy. */
interface Written {
  identity?: unknown[];
  boundary?: unknown;
  resource?: unknown[];
}

interface Case {
  name: string;
  policies: Written;
  request: AccessRequest;
  allowed: boolean;
  reason: Decision["reason"];
}

const ACCOUNT = "111122223333";
const OTHER_ACCOUNT = "444455556666";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/send-message`;
const OTHER_ROLE = `arn:aws:iam::${ACCOUNT}:role/history`;
const USER = `arn:aws:iam::${ACCOUNT}:user/carlos`;
const MESSAGES = `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/messages`;
const CONNECTIONS = `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/connections`;
const FUNCTION = `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:send-message`;
const API = `arn:aws:execute-api:eu-central-1:${ACCOUNT}:a1b2c3d4e5`;

const putMessage: AccessRequest = { action: "dynamodb:PutItem", resource: MESSAGES };

/** A document of version 2012-10-17. */
const policy = (...statements: Statement[]): Document => ({ Version: "2012-10-17", Statement: statements });
const allow = (rest: Statement = {}): Statement => ({ Effect: "Allow", ...defaults(rest), ...rest });
const deny = (rest: Statement = {}): Statement => ({ Effect: "Deny", ...defaults(rest), ...rest });

/** Elements that match everything, in place of those that a row of a test table leaves out. */
function defaults(rest: Statement): Statement {
  return {
    ...("NotAction" in rest ? {} : { Action: "*" }),
    ...("NotResource" in rest ? {} : { Resource: "*" }),
  };
}

function parsed({ identity, boundary, resource }: Written): Policies {
  return {
    ...(identity === undefined ? {} : { identity: identity.map(parsePolicy) }),
    ...(boundary === undefined ? {} : { boundary: parsePolicy(boundary) }),
    ...(resource === undefined ? {} : { resource: resource.map(parsePolicy) }),
  };
}

const decide = (policies: Written, request: AccessRequest): Decision => evaluate(request, parsed(policies));

function table(title: string, cases: Case[]) {
  describe(title, () => {
    for (const { name, policies, request, allowed, reason } of cases) {
      test(name, () => {
        const decision = decide(policies, request);
        expect({ allowed: decision.allowed, reason: decision.reason }).toEqual({ allowed, reason });
      });
    }
  });
}

/** A row with one identity statement, an Allow: its decision shows whether the statement matches the request. */
function matching(name: string, statement: Statement, request: Partial<AccessRequest>, matches: boolean): Case {
  return {
    name,
    policies: { identity: [policy(allow(statement))] },
    request: { ...putMessage, ...request },
    allowed: matches,
    reason: matches ? "allowed" : "implicitDeny",
  };
}

const action = (name: string, patterns: string | string[], asked: string, matches: boolean) =>
  matching(name, { Action: patterns }, { action: asked }, matches);

const resource = (name: string, patterns: string | string[], asked: string, matches: boolean) =>
  matching(name, { Resource: patterns }, { resource: asked }, matches);

/** A row with one Condition: its decision shows whether the Condition holds in this context. */
const condition = (name: string, block: Record<string, unknown>, context: Context, holds: boolean) =>
  matching(name, { Condition: block }, { context }, holds);

/** Creates rows on this key: an operator, the policy's values, and the request's (undefined if it lacks the key). */
const on =
  (key: string) =>
  (name: string, operator: string, written: unknown, asked: string | string[] | undefined, holds: boolean) =>
    condition(name, { [operator]: { [key]: written } }, asked === undefined ? {} : { [key]: asked }, holds);

const username = on("aws:username");
const mfaAge = on("aws:MultiFactorAuthAge");
const currentTime = on("aws:CurrentTime");
const sourceIp = on("aws:SourceIp");
const sourceArn = on("aws:SourceArn");
const tagKeys = on("aws:TagKeys");
const secureTransport = on("aws:SecureTransport");
const tokenIssueTime = on("aws:TokenIssueTime");
const prefix = on("s3:prefix");
const binaryKey = on("acme:Key");

/** A row with one resource statement, an Allow: its decision shows whether the statement matches the principal. */
function principal(name: string, written: unknown, asking: Principal | undefined, matches: boolean): Case {
  return {
    name,
    policies: {
      resource: [policy(allow({ Principal: written, Action: "lambda:InvokeFunction", Resource: FUNCTION }))],
    },
    request: {
      action: "lambda:InvokeFunction",
      resource: FUNCTION,
      ...(asking === undefined ? {} : { principal: asking }),
    },
    allowed: matches,
    reason: matches ? "allowed" : "implicitDeny",
  };
}

table("allow, deny and the default", [
  {
    name: "without any policy a request is denied",
    policies: {},
    request: putMessage,
    allowed: false,
    reason: "implicitDeny",
  },
  {
    name: "an empty list of policies denies",
    policies: { identity: [], resource: [] },
    request: putMessage,
    allowed: false,
    reason: "implicitDeny",
  },
  {
    name: "a statement that matches action and resource allows",
    policies: { identity: [policy(allow({ Action: "dynamodb:PutItem", Resource: MESSAGES }))] },
    request: putMessage,
    allowed: true,
    reason: "allowed",
  },
  {
    name: "a matching action on another resource does not allow",
    policies: { identity: [policy(allow({ Action: "dynamodb:PutItem", Resource: CONNECTIONS }))] },
    request: putMessage,
    allowed: false,
    reason: "implicitDeny",
  },
  {
    name: "another action on a matching resource does not allow",
    policies: { identity: [policy(allow({ Action: "dynamodb:GetItem", Resource: MESSAGES }))] },
    request: putMessage,
    allowed: false,
    reason: "implicitDeny",
  },
  {
    name: "action and resource must match in the same statement",
    policies: {
      identity: [
        policy(
          allow({ Action: "dynamodb:PutItem", Resource: CONNECTIONS }),
          allow({ Action: "dynamodb:GetItem", Resource: MESSAGES }),
        ),
      ],
    },
    request: putMessage,
    allowed: false,
    reason: "implicitDeny",
  },
  {
    name: "the second statement allows when the first does not match",
    policies: { identity: [policy(allow({ Action: "s3:GetObject" }), allow({ Action: "dynamodb:PutItem" }))] },
    request: putMessage,
    allowed: true,
    reason: "allowed",
  },
  {
    name: "the second document allows when the first does not match",
    policies: { identity: [policy(allow({ Action: "s3:GetObject" })), policy(allow({ Action: "dynamodb:PutItem" }))] },
    request: putMessage,
    allowed: true,
    reason: "allowed",
  },
  {
    name: "a Deny alone is an explicit deny",
    policies: { identity: [policy(deny())] },
    request: putMessage,
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "a Deny after an Allow wins",
    policies: { identity: [policy(allow(), deny({ Action: "dynamodb:PutItem" }))] },
    request: putMessage,
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "a Deny before an Allow wins",
    policies: { identity: [policy(deny({ Action: "dynamodb:PutItem" }), allow())] },
    request: putMessage,
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "a broad Deny wins over an exact Allow",
    policies: { identity: [policy(allow({ Action: "dynamodb:PutItem", Resource: MESSAGES }), deny())] },
    request: putMessage,
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "a Deny in another document wins",
    policies: { identity: [policy(allow()), policy(deny({ Resource: MESSAGES }))] },
    request: putMessage,
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "a Deny on another action leaves the Allow",
    policies: { identity: [policy(allow(), deny({ Action: "dynamodb:DeleteTable" }))] },
    request: putMessage,
    allowed: true,
    reason: "allowed",
  },
  {
    name: "a Deny on another resource leaves the Allow",
    policies: { identity: [policy(allow(), deny({ Resource: CONNECTIONS }))] },
    request: putMessage,
    allowed: true,
    reason: "allowed",
  },
  {
    name: "a Deny whose Condition does not hold leaves the Allow",
    policies: { identity: [policy(allow(), deny({ Condition: { Bool: { "aws:SecureTransport": "false" } } }))] },
    request: { ...putMessage, context: { "aws:SecureTransport": "true" } },
    allowed: true,
    reason: "allowed",
  },
  {
    name: "a Deny whose Condition holds wins",
    policies: { identity: [policy(allow(), deny({ Condition: { Bool: { "aws:SecureTransport": "false" } } }))] },
    request: { ...putMessage, context: { "aws:SecureTransport": "false" } },
    allowed: false,
    reason: "explicitDeny",
  },
]);

table("actions", [
  action("* is every action", "*", "dynamodb:PutItem", true),
  action("service:* matches every action of the service", "dynamodb:*", "dynamodb:PutItem", true),
  action("service:* matches no action of another service", "dynamodb:*", "dax:PutItem", false),
  action("one match in a list is enough", ["s3:GetObject", "dynamodb:PutItem"], "dynamodb:PutItem", true),
  action("a list without a match doesn't match", ["s3:GetObject", "dynamodb:GetItem"], "dynamodb:PutItem", false),
  action("case doesn't matter in the policy", "DynamoDB:PUTITEM", "dynamodb:PutItem", true),
  action("case doesn't matter in the request", "dynamodb:PutItem", "DYNAMODB:putitem", true),
  action("case doesn't matter next to a wildcard", "dynamodb:put*", "dynamodb:PutItem", true),
  action("* ends a prefix", "dynamodb:Put*", "dynamodb:PutItem", true),
  action("* begins a suffix", "dynamodb:*Item", "dynamodb:BatchGetItem", true),
  action("* matches in the middle", "dynamodb:Batch*Item", "dynamodb:BatchWriteItem", true),
  action("* may match nothing", "dynamodb:PutItem*", "dynamodb:PutItem", true),
  action("two * keep the literal between them", "dynamodb:*Table*", "dynamodb:DescribeTableReplicaAutoScaling", true),
  action("? is one character", "dynamodb:?etItem", "dynamodb:GetItem", true),
  action("? is not nothing", "dynamodb:PutItem?", "dynamodb:PutItem", false),
  action("? doesn't match two characters", "dynamodb:?Item", "dynamodb:PutItem", false),
  action("a pattern without a wildcard doesn't match by prefix", "dynamodb:Put", "dynamodb:PutItem", false),
  action("a pattern without a wildcard doesn't match by substring", "dynamodb:GetItem", "dynamodb:BatchGetItem", false),
  matching("NotAction matches every action except the listed one", { NotAction: "iam:*" }, {}, true),
  matching("NotAction doesn't match the listed action", { NotAction: "dynamodb:PutItem" }, {}, false),
  matching("NotAction is case-insensitive", { NotAction: "DYNAMODB:PUTITEM" }, {}, false),
  matching("NotAction matches no action of a list", { NotAction: ["iam:*", "dynamodb:Put*"] }, {}, false),
  {
    name: "NotAction with Deny doesn't deny the listed action",
    policies: { identity: [policy(allow(), deny({ NotAction: "dynamodb:*" }))] },
    request: putMessage,
    allowed: true,
    reason: "allowed",
  },
  {
    name: "NotAction with Deny denies every other action",
    policies: { identity: [policy(allow(), deny({ NotAction: "dynamodb:*" }))] },
    request: { action: "s3:GetObject", resource: "arn:aws:s3:::uploads/cat.png" },
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "NotAction with Deny allows nothing by itself",
    policies: { identity: [policy(deny({ NotAction: "dynamodb:*" }))] },
    request: putMessage,
    allowed: false,
    reason: "implicitDeny",
  },
]);

table("resources", [
  resource("* is every resource", "*", MESSAGES, true),
  resource("* also matches a call without a resource", "*", "*", true),
  resource("an ARN doesn't match a call without a resource", MESSAGES, "*", false),
  resource("one match in a list is enough", [CONNECTIONS, MESSAGES], MESSAGES, true),
  resource("a list without a match doesn't match", [CONNECTIONS, `${MESSAGES}/index/*`], MESSAGES, false),
  resource("case matters", MESSAGES, MESSAGES.replace("messages", "Messages"), false),
  resource("case matters next to a wildcard", MESSAGES.replace("messages", "Mess*"), MESSAGES, false),
  resource("an ARN without a wildcard doesn't match by prefix", MESSAGES, `${MESSAGES}/index/byRoom`, false),
  resource("a table's ARN with /index/* doesn't match the table", `${MESSAGES}/index/*`, MESSAGES, false),
  resource("* spans a slash", `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/*`, `${MESSAGES}/index/byRoom`, true),
  resource("* may match nothing", `${MESSAGES}*`, MESSAGES, true),
  resource(
    "a final * spans a colon in the resource part",
    `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:/aws/lambda/*`,
    `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:/aws/lambda/send-message:log-stream:2026/01/01/[$LATEST]0123`,
    true,
  ),
  resource(
    "a log group without a wildcard doesn't match its streams",
    `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:/aws/lambda/send-message`,
    `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:/aws/lambda/send-message:log-stream:2026/01/01/[$LATEST]0123`,
    false,
  ),
  resource("a function doesn't match its version", FUNCTION, `${FUNCTION}:7`, false),
  resource("a function with :* matches its version", `${FUNCTION}:*`, `${FUNCTION}:7`, true),
  resource("a function with :* doesn't match the function", `${FUNCTION}:*`, FUNCTION, false),
  // The example on AWS's page about the Resource element.
  resource(
    "*/test/* matches anything before and after",
    "arn:aws:s3:::b/*/test/*",
    "arn:aws:s3:::b/1/test/object.jpg",
    true,
  ),
  resource("*/test/* spans slashes", "arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/2/3/test/4/object.jpg", true),
  resource("*/test/* spans empty path parts", "arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1///test///object.jpg", true),
  resource("*/test/* matches empty text before and after", "arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b//test/", true),
  resource("*/test/* needs its first slash", "arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1-test/object.jpg", false),
  resource("*/test/* needs a path before it", "arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/test/object.jpg", false),
  resource("*/test/* needs the word", "arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/2/test.jpg", false),
  resource("? is one character", MESSAGES.replace("messages", "message?"), MESSAGES, true),
  resource("? is not nothing", `${MESSAGES}?`, MESSAGES, false),
  resource("? doesn't match two characters", MESSAGES.replace("messages", "messag?"), MESSAGES, false),
  resource("a dot is a dot", "arn:aws:s3:::chat.example", "arn:aws:s3:::chat-example", false),
  resource("a bracket is a bracket", "arn:aws:s3:::b/[ab]*", "arn:aws:s3:::b/a.png", false),
  resource("a plus is a plus", "arn:aws:s3:::b/a+*", "arn:aws:s3:::b/a+b.png", true),
  resource("a dollar sign without a brace is literal", `${API}/*/$connect`, `${API}/prod/$connect`, true),
  resource("another Region does not match", MESSAGES, MESSAGES.replace("eu-central-1", "us-east-1"), false),
  resource("another account does not match", MESSAGES, MESSAGES.replace(ACCOUNT, OTHER_ACCOUNT), false),
  resource("another partition does not match", MESSAGES, MESSAGES.replace("arn:aws:", "arn:aws-cn:"), false),
  resource("* matches the Region", MESSAGES.replace("eu-central-1", "*"), MESSAGES, true),
  resource("* matches a part of the Region", MESSAGES.replace("eu-central-1", "eu-*"), MESSAGES, true),
  resource("a part of the Region must match", MESSAGES.replace("eu-central-1", "us-*"), MESSAGES, false),
  resource("* matches the account", MESSAGES.replace(ACCOUNT, "*"), MESSAGES, true),
  resource("* matches an empty Region and account", "arn:aws:s3:*:*:uploads/*", "arn:aws:s3:::uploads/cat.png", true),
  resource("an empty Region doesn't match any Region", MESSAGES.replace("eu-central-1", ""), MESSAGES, false),
  resource("a bucket doesn't match its objects", "arn:aws:s3:::uploads", "arn:aws:s3:::uploads/cat.png", false),
  resource("a bucket's objects don't match the bucket", "arn:aws:s3:::uploads/*", "arn:aws:s3:::uploads", false),
  matching(
    "a connection id matches the stage's @connections",
    { Action: "execute-api:ManageConnections", Resource: `${API}/prod/POST/@connections/*` },
    { action: "execute-api:ManageConnections", resource: `${API}/prod/POST/@connections/L0SM9cOFvHcCIhw=` },
    true,
  ),
  matching(
    "a connection id of another stage doesn't match",
    { Action: "execute-api:ManageConnections", Resource: `${API}/prod/POST/@connections/*` },
    { action: "execute-api:ManageConnections", resource: `${API}/dev/POST/@connections/L0SM9cOFvHcCIhw=` },
    false,
  ),
  matching("NotResource matches every resource except the listed one", { NotResource: CONNECTIONS }, {}, true),
  matching("NotResource doesn't match the listed resource", { NotResource: MESSAGES }, {}, false),
  matching("NotResource matches no resource of a list", { NotResource: [CONNECTIONS, MESSAGES] }, {}, false),
  matching("NotResource supports wildcards", { NotResource: MESSAGES.replace("messages", "*") }, {}, false),
  {
    name: "NotResource with Deny doesn't deny the listed resource",
    policies: { identity: [policy(allow(), deny({ NotResource: MESSAGES }))] },
    request: putMessage,
    allowed: true,
    reason: "allowed",
  },
  {
    name: "NotResource with Deny denies every other resource",
    policies: { identity: [policy(allow(), deny({ NotResource: CONNECTIONS }))] },
    request: putMessage,
    allowed: false,
    reason: "explicitDeny",
  },
]);

const HOME = "arn:aws:s3:::home/${aws:username}/*";
const carlos: Context = { "aws:username": "carlos" };

/** The row that `matching` creates, with a document that has another Version or none. */
function version(
  name: string,
  of: string | undefined,
  statement: Statement,
  request: Partial<AccessRequest>,
  matches: boolean,
): Case {
  const document = { ...(of === undefined ? {} : { Version: of }), Statement: allow(statement) };
  return { ...matching(name, statement, request, matches), policies: { identity: [document] } };
}

table("policy variables", [
  matching(
    "a variable matches the value of its key",
    { Resource: HOME },
    { resource: "arn:aws:s3:::home/carlos/a", context: carlos },
    true,
  ),
  matching(
    "a variable matches no other value",
    { Resource: HOME },
    { resource: "arn:aws:s3:::home/diego/a", context: carlos },
    false,
  ),
  matching(
    "a variable isn't a wildcard",
    { Resource: HOME },
    { resource: "arn:aws:s3:::home/carlos2/a", context: carlos },
    false,
  ),
  matching(
    "a variable isn't literal text in 2012-10-17",
    { Resource: HOME },
    { resource: "arn:aws:s3:::home/${aws:username}/a", context: carlos },
    false,
  ),
  matching(
    "a variable's key is case-insensitive",
    { Resource: "arn:aws:s3:::home/${AWS:UserName}/*" },
    { resource: "arn:aws:s3:::home/carlos/a", context: carlos },
    true,
  ),
  matching(
    "one ARN may have two variables",
    { Resource: "arn:aws:s3:::${aws:PrincipalTag/team}/${aws:username}" },
    { resource: "arn:aws:s3:::chat/carlos", context: { ...carlos, "aws:PrincipalTag/team": "chat" } },
    true,
  ),
  matching(
    "a string condition may have a variable",
    { Condition: { StringEquals: { "aws:ResourceTag/owner": "${aws:username}" } } },
    { context: { ...carlos, "aws:ResourceTag/owner": "carlos" } },
    true,
  ),
  matching(
    "a string condition compares with the variable's value",
    { Condition: { StringEquals: { "aws:ResourceTag/owner": "${aws:username}" } } },
    { context: { ...carlos, "aws:ResourceTag/owner": "diego" } },
    false,
  ),
  matching(
    "StringLike may combine a variable with a wildcard",
    { Condition: { StringLike: { "s3:prefix": "${aws:username}/*" } } },
    { context: { ...carlos, "s3:prefix": "carlos/photos" } },
    true,
  ),
  matching(
    "a condition may have aws:PrincipalArn",
    { Condition: { StringEquals: { "aws:ResourceTag/owner": "${aws:PrincipalArn}" } } },
    { context: { "aws:PrincipalArn": ROLE, "aws:ResourceTag/owner": ROLE } },
    true,
  ),
  matching(
    "an ARN condition may have a variable",
    { Condition: { ArnLike: { "aws:SourceArn": `arn:aws:sns:eu-central-1:${ACCOUNT}:\${aws:username}` } } },
    { context: { ...carlos, "aws:SourceArn": `arn:aws:sns:eu-central-1:${ACCOUNT}:carlos` } },
    true,
  ),
  matching(
    "a variable without a value does not match its own text",
    { Resource: HOME },
    { resource: "arn:aws:s3:::home/${aws:username}/a" },
    false,
  ),
  matching(
    "a variable without a value doesn't match an empty string",
    { Resource: HOME },
    { resource: "arn:aws:s3:::home//a" },
    false,
  ),
  matching(
    "a variable without a value matches nothing in a condition",
    { Condition: { StringLike: { "s3:prefix": "${aws:username}*" } } },
    { context: { "s3:prefix": "carlos" } },
    false,
  ),
  {
    name: "a Deny with a variable without a value does not match",
    policies: { identity: [policy(allow(), deny({ Resource: HOME }))] },
    request: { action: "s3:GetObject", resource: "arn:aws:s3:::home/carlos/a" },
    allowed: true,
    reason: "allowed",
  },
  matching(
    "the default is used if the key has no value",
    { Resource: "arn:aws:s3:::reports/${aws:PrincipalTag/team, 'none'}/*" },
    { resource: "arn:aws:s3:::reports/none/a" },
    true,
  ),
  matching(
    "the default isn't used if the key has a value",
    { Resource: "arn:aws:s3:::reports/${aws:PrincipalTag/team, 'none'}/*" },
    { resource: "arn:aws:s3:::reports/none/a", context: { "aws:PrincipalTag/team": "chat" } },
    false,
  ),
  matching(
    "the key's value takes precedence over the default",
    { Resource: "arn:aws:s3:::reports/${aws:PrincipalTag/team, 'none'}/*" },
    { resource: "arn:aws:s3:::reports/chat/a", context: { "aws:PrincipalTag/team": "chat" } },
    true,
  ),
  matching(
    "a variable in a condition may have a default",
    { Condition: { StringEquals: { "aws:ResourceTag/team": "${aws:PrincipalTag/team, 'company-wide'}" } } },
    { context: { "aws:ResourceTag/team": "company-wide" } },
    true,
  ),
  matching("${*} is an asterisk", { Resource: "arn:aws:s3:::b/${*}" }, { resource: "arn:aws:s3:::b/*" }, true),
  matching("${*} isn't a wildcard", { Resource: "arn:aws:s3:::b/${*}" }, { resource: "arn:aws:s3:::b/cat.png" }, false),
  matching("${?} is a question mark", { Resource: "arn:aws:s3:::b/${?}" }, { resource: "arn:aws:s3:::b/?" }, true),
  matching("${?} isn't a wildcard", { Resource: "arn:aws:s3:::b/${?}" }, { resource: "arn:aws:s3:::b/a" }, false),
  matching("${$} is a dollar sign", { Resource: "arn:aws:s3:::b/${$}5" }, { resource: "arn:aws:s3:::b/$5" }, true),
  condition(
    "${*} isn't a wildcard in StringLike",
    { StringLike: { "s3:prefix": "${*}" } },
    { "s3:prefix": "photos" },
    false,
  ),
  condition(
    "${*} is an asterisk in StringLike",
    { StringLike: { "s3:prefix": "a${*}*" } },
    { "s3:prefix": "a*b" },
    true,
  ),
  version(
    "a variable is literal text in 2008-10-17",
    "2008-10-17",
    { Resource: HOME },
    { resource: "arn:aws:s3:::home/${aws:username}/a", context: carlos },
    true,
  ),
  version(
    "a variable isn't replaced in 2008-10-17",
    "2008-10-17",
    { Resource: HOME },
    { resource: "arn:aws:s3:::home/carlos/a", context: carlos },
    false,
  ),
  version(
    "a variable is literal text without a Version",
    undefined,
    { Resource: HOME },
    { resource: "arn:aws:s3:::home/${aws:username}/a", context: carlos },
    true,
  ),
  version(
    "a variable isn't replaced without a Version",
    undefined,
    { Resource: HOME },
    { resource: "arn:aws:s3:::home/carlos/a", context: carlos },
    false,
  ),
  version(
    "a variable is literal text in a condition of 2008-10-17",
    "2008-10-17",
    { Condition: { StringEquals: { "aws:ResourceTag/owner": "${aws:username}" } } },
    { context: { ...carlos, "aws:ResourceTag/owner": "${aws:username}" } },
    true,
  ),
  version(
    "wildcards work in 2008-10-17",
    "2008-10-17",
    { Resource: "arn:aws:s3:::b/*" },
    { resource: "arn:aws:s3:::b/a" },
    true,
  ),
]);

table("principals of resource policies", [
  principal(
    "a service matches by its name",
    { Service: "apigateway.amazonaws.com" },
    { Service: "apigateway.amazonaws.com" },
    true,
  ),
  principal(
    "another service does not match",
    { Service: "apigateway.amazonaws.com" },
    { Service: "events.amazonaws.com" },
    false,
  ),
  principal(
    "one service of a list is enough",
    { Service: ["events.amazonaws.com", "apigateway.amazonaws.com"] },
    { Service: "apigateway.amazonaws.com" },
    true,
  ),
  principal("a service doesn't match a role", { Service: "apigateway.amazonaws.com" }, { AWS: ROLE }, false),
  principal("a role matches by its ARN", { AWS: ROLE }, { AWS: ROLE }, true),
  principal("another role does not match", { AWS: ROLE }, { AWS: OTHER_ROLE }, false),
  principal("one role of a list is enough", { AWS: [OTHER_ROLE, ROLE] }, { AWS: ROLE }, true),
  principal("a role doesn't match a service", { AWS: ROLE }, { Service: "apigateway.amazonaws.com" }, false),
  principal("an account matches by its id", { AWS: ACCOUNT }, { AWS: ACCOUNT }, true),
  principal(
    "an account's root ARN matches the account",
    { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    { AWS: ACCOUNT },
    true,
  ),
  principal("another account does not match", { AWS: OTHER_ACCOUNT }, { AWS: ACCOUNT }, false),
  principal("a role of another account does not match", { AWS: OTHER_ACCOUNT }, { AWS: ROLE }, false),
  principal("* is every role", "*", { AWS: ROLE }, true),
  principal('{ AWS: "*" } matches every role', { AWS: "*" }, { AWS: ROLE }, true),
  principal(
    "a request without a principal doesn't match a service",
    { Service: "apigateway.amazonaws.com" },
    undefined,
    false,
  ),
  principal(
    "a Principal with a role and a service matches by its service",
    { AWS: OTHER_ROLE, Service: "apigateway.amazonaws.com" },
    { Service: "apigateway.amazonaws.com" },
    true,
  ),
  {
    name: "a Deny for * applies to a service",
    policies: {
      resource: [policy(allow({ Principal: { Service: "apigateway.amazonaws.com" } }), deny({ Principal: "*" }))],
    },
    request: {
      action: "lambda:InvokeFunction",
      resource: FUNCTION,
      principal: { Service: "apigateway.amazonaws.com" },
    },
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "NotPrincipal with Deny doesn't deny the listed role",
    policies: {
      identity: [policy(allow())],
      resource: [policy(deny({ NotPrincipal: { AWS: [ROLE, `arn:aws:iam::${ACCOUNT}:root`] } }))],
    },
    request: { ...putMessage, principal: { AWS: ROLE } },
    allowed: true,
    reason: "allowed",
  },
  {
    name: "NotPrincipal with Deny denies everyone else",
    policies: {
      identity: [policy(allow())],
      resource: [policy(deny({ NotPrincipal: { AWS: [ROLE, `arn:aws:iam::${ACCOUNT}:root`] } }))],
    },
    request: { ...putMessage, principal: { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:role/stranger` } },
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "a trust policy, which has no Resource, lets its service assume the role",
    policies: {
      resource: [
        {
          Version: "2012-10-17",
          Statement: { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
        },
      ],
    },
    request: { action: "sts:AssumeRole", resource: ROLE, principal: { Service: "lambda.amazonaws.com" } },
    allowed: true,
    reason: "allowed",
  },
  {
    name: "a trust policy lets no other service assume the role",
    policies: {
      resource: [
        {
          Version: "2012-10-17",
          Statement: { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
        },
      ],
    },
    request: { action: "sts:AssumeRole", resource: ROLE, principal: { Service: "ec2.amazonaws.com" } },
    allowed: false,
    reason: "implicitDeny",
  },
]);

/** The document that `aws.lambda.Permission` creates for one route. */
const permission = policy({
  Sid: "connect",
  Effect: "Allow",
  Principal: { Service: "apigateway.amazonaws.com" },
  Action: "lambda:InvokeFunction",
  Resource: FUNCTION,
  Condition: { ArnLike: { "AWS:SourceArn": `${API}/*/$connect` } },
});
const invoke = (sourceArn?: string): AccessRequest => ({
  action: "lambda:InvokeFunction",
  resource: FUNCTION,
  principal: { Service: "apigateway.amazonaws.com" },
  ...(sourceArn === undefined ? {} : { context: { "aws:SourceArn": sourceArn } }),
});

table("identity and resource policies together", [
  {
    name: "the identity policy alone is enough in the same account",
    policies: { identity: [policy(allow())], resource: [policy(allow({ Principal: { AWS: OTHER_ROLE } }))] },
    request: { ...putMessage, principal: { AWS: ROLE } },
    allowed: true,
    reason: "allowed",
  },
  {
    name: "the resource policy alone is enough in the same account",
    policies: {
      identity: [policy(allow({ Action: "s3:*" }))],
      resource: [policy(allow({ Principal: { AWS: ROLE } }))],
    },
    request: { ...putMessage, principal: { AWS: ROLE } },
    allowed: true,
    reason: "allowed",
  },
  {
    name: "without either policy, access is denied",
    policies: {
      identity: [policy(allow({ Action: "s3:*" }))],
      resource: [policy(allow({ Principal: { AWS: OTHER_ROLE } }))],
    },
    request: { ...putMessage, principal: { AWS: ROLE } },
    allowed: false,
    reason: "implicitDeny",
  },
  {
    name: "a Deny in the resource policy wins over the identity policy",
    policies: { identity: [policy(allow())], resource: [policy(deny({ Principal: { AWS: ROLE } }))] },
    request: { ...putMessage, principal: { AWS: ROLE } },
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "a Deny in the identity policy wins over the resource policy",
    policies: { identity: [policy(deny())], resource: [policy(allow({ Principal: { AWS: ROLE } }))] },
    request: { ...putMessage, principal: { AWS: ROLE } },
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "a Deny for another principal leaves the Allow",
    policies: { identity: [policy(allow())], resource: [policy(deny({ Principal: { AWS: OTHER_ROLE } }))] },
    request: { ...putMessage, principal: { AWS: ROLE } },
    allowed: true,
    reason: "allowed",
  },
  {
    name: "a service has no identity policies",
    policies: { identity: [policy(allow())] },
    request: invoke(),
    allowed: false,
    reason: "implicitDeny",
  },
  {
    name: "a route invokes the function named by its permission",
    policies: { resource: [permission] },
    request: invoke(`${API}/prod/$connect`),
    allowed: true,
    reason: "allowed",
  },
  {
    name: "another route isn't allowed",
    policies: { resource: [permission] },
    request: invoke(`${API}/prod/$disconnect`),
    allowed: false,
    reason: "implicitDeny",
  },
  {
    name: "another API isn't allowed",
    policies: { resource: [permission] },
    request: invoke(`arn:aws:execute-api:eu-central-1:${ACCOUNT}:zzzzzzzzzz/prod/$connect`),
    allowed: false,
    reason: "implicitDeny",
  },
  {
    name: "a call without a source isn't allowed",
    policies: { resource: [permission] },
    request: invoke(),
    allowed: false,
    reason: "implicitDeny",
  },
]);

table("permissions boundary", [
  {
    name: "an action that the identity policy and the boundary allow is allowed",
    policies: { identity: [policy(allow())], boundary: policy(allow({ Action: "dynamodb:*" })) },
    request: putMessage,
    allowed: true,
    reason: "allowed",
  },
  {
    name: "an action that the boundary doesn't allow is denied",
    policies: { identity: [policy(allow())], boundary: policy(allow({ Action: "s3:*" })) },
    request: putMessage,
    allowed: false,
    reason: "outsideBoundary",
  },
  {
    name: "a boundary grants nothing",
    policies: { identity: [policy(allow({ Action: "s3:*" }))], boundary: policy(allow()) },
    request: putMessage,
    allowed: false,
    reason: "implicitDeny",
  },
  {
    name: "a Deny in the boundary is an explicit deny",
    policies: { identity: [policy(allow())], boundary: policy(allow(), deny({ Action: "dynamodb:PutItem" })) },
    request: putMessage,
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "a Deny in the identity policy wins inside the boundary",
    policies: { identity: [policy(allow(), deny())], boundary: policy(allow()) },
    request: putMessage,
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "a Deny in the identity policy is an explicit deny outside the boundary too",
    policies: { identity: [policy(deny())], boundary: policy(allow({ Action: "s3:*" })) },
    request: putMessage,
    allowed: false,
    reason: "explicitDeny",
  },
  {
    name: "a boundary also limits the resource",
    policies: { identity: [policy(allow())], boundary: policy(allow({ Resource: CONNECTIONS })) },
    request: putMessage,
    allowed: false,
    reason: "outsideBoundary",
  },
  {
    name: "a boundary whose Condition does not hold allows nothing",
    policies: {
      identity: [policy(allow())],
      boundary: policy(allow({ Condition: { StringEquals: { "aws:RequestedRegion": "eu-central-1" } } })),
    },
    request: { ...putMessage, context: { "aws:RequestedRegion": "us-east-1" } },
    allowed: false,
    reason: "outsideBoundary",
  },
  {
    name: "a boundary whose Condition holds allows the action",
    policies: {
      identity: [policy(allow())],
      boundary: policy(allow({ Condition: { StringEquals: { "aws:RequestedRegion": "eu-central-1" } } })),
    },
    request: { ...putMessage, context: { "aws:RequestedRegion": "eu-central-1" } },
    allowed: true,
    reason: "allowed",
  },
  {
    name: "a boundary with NotAction limits all actions except the listed one",
    policies: { identity: [policy(allow())], boundary: policy(allow({ NotAction: "iam:*" })) },
    request: { action: "iam:CreateUser", resource: USER },
    allowed: false,
    reason: "outsideBoundary",
  },
  // "Resource-based policies for IAM users" and "… for IAM roles" in access_policies_boundaries.
  {
    name: "a boundary does not limit what a resource policy grants to a user's ARN",
    policies: { boundary: policy(allow({ Action: "s3:*" })), resource: [policy(allow({ Principal: { AWS: USER } }))] },
    request: { ...putMessage, principal: { AWS: USER } },
    allowed: true,
    reason: "allowed",
  },
  {
    name: "a boundary limits what a resource policy grants to a role's ARN",
    policies: { boundary: policy(allow({ Action: "s3:*" })), resource: [policy(allow({ Principal: { AWS: ROLE } }))] },
    request: { ...putMessage, principal: { AWS: ROLE } },
    allowed: false,
    reason: "outsideBoundary",
  },
]);

table("conditions: keys, values and their combination", [
  condition("an empty Condition holds", {}, {}, true),
  condition(
    "a key's name is case-insensitive",
    { StringEquals: { "AWS:requestedregion": "eu-central-1" } },
    { "aws:RequestedRegion": "eu-central-1" },
    true,
  ),
  condition(
    "an unknown key is a missing key",
    { StringEquals: { "acme:Shoe": "42" } },
    { "aws:username": "carlos" },
    false,
  ),
  username("one value of a list matches", "StringEquals", ["ana", "carlos"], "carlos", true),
  username("no value of a list matches", "StringEquals", ["ana", "diego"], "carlos", false),
  username("a negated operator needs every value to differ", "StringNotEquals", ["ana", "carlos"], "carlos", false),
  username("a negated operator holds when every value differs", "StringNotEquals", ["ana", "diego"], "carlos", true),
  condition(
    "two keys of an operator must both match",
    { StringEquals: { "aws:username": "carlos", "aws:RequestedRegion": "eu-central-1" } },
    { ...carlos, "aws:RequestedRegion": "us-east-1" },
    false,
  ),
  condition(
    "two keys of an operator both match",
    { StringEquals: { "aws:username": "carlos", "aws:RequestedRegion": "eu-central-1" } },
    { ...carlos, "aws:RequestedRegion": "eu-central-1" },
    true,
  ),
  condition(
    "two operators must both hold",
    { StringEquals: { "aws:username": "carlos" }, Bool: { "aws:SecureTransport": "true" } },
    { ...carlos, "aws:SecureTransport": "false" },
    false,
  ),
  condition(
    "two operators both hold",
    { StringEquals: { "aws:username": "carlos" }, Bool: { "aws:SecureTransport": "true" } },
    { ...carlos, "aws:SecureTransport": "true" },
    true,
  ),
  condition(
    "two operators on one key make a range",
    { NumericGreaterThan: { "s3:max-keys": "5" }, NumericLessThanEquals: { "s3:max-keys": "10" } },
    { "s3:max-keys": "10" },
    true,
  ),
  matching(
    "a request without a context has no keys",
    { Condition: { StringEquals: { "aws:username": "carlos" } } },
    {},
    false,
  ),
]);

table("conditions: strings", [
  username("StringEquals is exact", "StringEquals", "carlos", "carlos", true),
  username("StringEquals is case-sensitive", "StringEquals", "Carlos", "carlos", false),
  username("StringEquals has no wildcards", "StringEquals", "car*", "carlos", false),
  prefix("StringEquals takes * literally", "StringEquals", "a*", "a*", true),
  username("StringEquals fails if the key is missing", "StringEquals", "carlos", undefined, false),
  username("StringNotEquals holds for another value", "StringNotEquals", "ana", "carlos", true),
  username("StringNotEquals fails for the value", "StringNotEquals", "carlos", "carlos", false),
  username("StringNotEquals holds if the key is missing", "StringNotEquals", "carlos", undefined, true),
  username("StringEqualsIgnoreCase ignores case", "StringEqualsIgnoreCase", "CARLOS", "carlos", true),
  username("StringEqualsIgnoreCase doesn't match a part", "StringEqualsIgnoreCase", "CARL", "carlos", false),
  username("StringNotEqualsIgnoreCase ignores case", "StringNotEqualsIgnoreCase", "CARLOS", "carlos", false),
  username(
    "StringNotEqualsIgnoreCase holds if the key is missing",
    "StringNotEqualsIgnoreCase",
    "ana",
    undefined,
    true,
  ),
  username("StringLike supports *", "StringLike", "c*s", "carlos", true),
  username("StringLike supports ?", "StringLike", "carlo?", "carlos", true),
  username("StringLike is case-sensitive", "StringLike", "C*", "carlos", false),
  username("StringLike must match the whole value", "StringLike", "arlo", "carlos", false),
  prefix("StringLike spans slashes and colons", "StringLike", "a*d", "a/b:c/d", true),
  username("StringLike fails if the key is missing", "StringLike", "*", undefined, false),
  username("StringNotLike fails for a match", "StringNotLike", "c*", "carlos", false),
  username("StringNotLike holds for another value", "StringNotLike", "d*", "carlos", true),
  username("StringNotLike holds if the key is missing", "StringNotLike", "*", undefined, true),
]);

table("conditions: numbers", [
  mfaAge("NumericEquals holds", "NumericEquals", "300", "300", true),
  mfaAge("NumericEquals fails", "NumericEquals", "300", "301", false),
  mfaAge("NumericEquals accepts any value of a list", "NumericEquals", ["1", "300"], "300", true),
  mfaAge("NumericNotEquals holds", "NumericNotEquals", "300", "301", true),
  mfaAge("NumericNotEquals fails", "NumericNotEquals", "300", "300", false),
  mfaAge("NumericNotEquals holds if the key is missing", "NumericNotEquals", "300", undefined, true),
  mfaAge("NumericLessThan compares numbers, not text", "NumericLessThan", "10", "9", true),
  mfaAge("NumericLessThan is strict", "NumericLessThan", "10", "10", false),
  mfaAge("NumericLessThan accepts decimals", "NumericLessThan", "10", "9.5", true),
  mfaAge("NumericLessThan takes a JSON number", "NumericLessThan", 10, "9", true),
  mfaAge("NumericLessThan fails if the key is missing", "NumericLessThan", "10", undefined, false),
  mfaAge("NumericLessThan fails if the value isn't a number", "NumericLessThan", "10", "soon", false),
  mfaAge("NumericLessThanEquals includes the bound", "NumericLessThanEquals", "10", "10", true),
  mfaAge("NumericLessThanEquals fails above the bound", "NumericLessThanEquals", "10", "11", false),
  mfaAge("NumericGreaterThan is strict", "NumericGreaterThan", "10", "10", false),
  mfaAge("NumericGreaterThan holds above the bound", "NumericGreaterThan", "9", "10", true),
  mfaAge("NumericGreaterThanEquals includes the bound", "NumericGreaterThanEquals", "10", "10", true),
]);

const NOON = "2026-03-01T12:00:00Z";
/** NOON in seconds since 1970. */
const NOON_EPOCH = "1772366400";

table("conditions: dates", [
  currentTime("DateEquals holds", "DateEquals", NOON, NOON, true),
  currentTime("DateEquals compares moments, not text", "DateEquals", "2026-03-01T13:00:00+01:00", NOON, true),
  currentTime("DateEquals accepts epoch seconds in the policy", "DateEquals", NOON_EPOCH, NOON, true),
  condition(
    "DateEquals accepts epoch seconds in the request",
    { DateEquals: { "aws:EpochTime": NOON } },
    { "aws:EpochTime": NOON_EPOCH },
    true,
  ),
  currentTime("DateNotEquals holds", "DateNotEquals", "2026-03-01T12:00:01Z", NOON, true),
  currentTime("DateNotEquals fails", "DateNotEquals", NOON, NOON, false),
  currentTime("DateNotEquals holds if the key is missing", "DateNotEquals", NOON, undefined, true),
  currentTime("DateLessThan holds before the bound", "DateLessThan", "2026-03-01T12:00:01Z", NOON, true),
  currentTime("DateLessThan is strict", "DateLessThan", NOON, NOON, false),
  currentTime("DateLessThan accepts a date alone", "DateLessThan", "2026-03-02", NOON, true),
  currentTime("DateLessThan fails if the key is missing", "DateLessThan", "2099-01-01T00:00:00Z", undefined, false),
  currentTime("DateLessThanEquals includes the bound", "DateLessThanEquals", NOON, NOON, true),
  currentTime("DateGreaterThan holds after the bound", "DateGreaterThan", "2026-03-01T11:59:59Z", NOON, true),
  currentTime("DateGreaterThan is strict", "DateGreaterThan", NOON, NOON, false),
  currentTime("DateGreaterThanEquals includes the bound", "DateGreaterThanEquals", NOON, NOON, true),
  condition(
    "two dates make a range",
    {
      DateGreaterThan: { "aws:CurrentTime": "2026-03-01T00:00:00Z" },
      DateLessThan: { "aws:CurrentTime": "2026-03-02T00:00:00Z" },
    },
    { "aws:CurrentTime": "2026-03-02T00:00:00Z" },
    false,
  ),
]);

const DENY_WITHOUT_MFA = { "aws:MultiFactorAuthPresent": "false" };

table("conditions: Bool, BinaryEquals, Null", [
  secureTransport("Bool holds", "Bool", "true", "true", true),
  secureTransport("Bool fails", "Bool", "true", "false", false),
  secureTransport("Bool takes a JSON boolean", "Bool", true, "true", true),
  secureTransport("Bool false doesn't hold if the key is missing", "Bool", "false", undefined, false),
  {
    name: "a Deny on Bool false misses a request without the key",
    policies: { identity: [policy(allow(), deny({ Condition: { Bool: DENY_WITHOUT_MFA } }))] },
    request: putMessage,
    allowed: true,
    reason: "allowed",
  },
  {
    name: "a Deny on BoolIfExists false catches a request without the key",
    policies: { identity: [policy(allow(), deny({ Condition: { BoolIfExists: DENY_WITHOUT_MFA } }))] },
    request: putMessage,
    allowed: false,
    reason: "explicitDeny",
  },
  binaryKey("BinaryEquals holds", "BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", true),
  binaryKey("BinaryEquals fails", "BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "b3RoZXI=", false),
  binaryKey("BinaryEquals fails if the key is missing", "BinaryEquals", "b3RoZXI=", undefined, false),
  tokenIssueTime("Null true holds if the key is missing", "Null", "true", undefined, true),
  tokenIssueTime("Null true fails if the key is present", "Null", "true", NOON, false),
  tokenIssueTime("Null false holds if the key is present", "Null", "false", NOON, true),
  tokenIssueTime("Null false fails if the key is missing", "Null", "false", undefined, false),
  tokenIssueTime("Null takes a JSON boolean", "Null", true, undefined, true),
]);

table("conditions: IP addresses", [
  sourceIp("IpAddress holds in the range", "IpAddress", "203.0.113.0/24", "203.0.113.77", true),
  sourceIp("IpAddress fails outside the range", "IpAddress", "203.0.113.0/24", "203.0.114.1", false),
  sourceIp("a prefix may end inside an octet", "IpAddress", "10.0.16.0/20", "10.0.31.255", true),
  sourceIp("the first address after the range doesn't match", "IpAddress", "10.0.16.0/20", "10.0.32.0", false),
  sourceIp("the first bit of an address counts", "IpAddress", "128.0.0.0/1", "200.1.2.3", true),
  sourceIp("an address without a prefix matches itself", "IpAddress", "203.0.113.7", "203.0.113.7", true),
  sourceIp("an address without a prefix matches no other address", "IpAddress", "203.0.113.7", "203.0.113.70", false),
  sourceIp("0.0.0.0/0 matches every IPv4 address", "IpAddress", "0.0.0.0/0", "203.0.113.7", true),
  sourceIp(
    "one matching range in a list is enough",
    "IpAddress",
    ["192.0.2.0/24", "203.0.113.0/24"],
    "203.0.113.7",
    true,
  ),
  sourceIp("IpAddress fails if the key is missing", "IpAddress", "0.0.0.0/0", undefined, false),
  sourceIp(
    "an IPv6 address matches its range",
    "IpAddress",
    "2001:DB8:1234:5678::/64",
    "2001:db8:1234:5678:0:0:0:1",
    true,
  ),
  sourceIp(
    "an IPv6 address outside the range doesn't match",
    "IpAddress",
    "2001:DB8:1234:5678::/64",
    "2001:db8:1234:5679::1",
    false,
  ),
  sourceIp("all spellings of an IPv6 address are equal", "IpAddress", "2001:db8::1", "2001:0db8:0:0:0:0:0:1", true),
  sourceIp("an IPv6 address matches no IPv4 range", "IpAddress", "203.0.113.0/24", "2001:db8::1", false),
  sourceIp("an IPv4 address matches no IPv6 range", "IpAddress", "2001:db8::/32", "203.0.113.7", false),
  sourceIp("NotIpAddress fails in the range", "NotIpAddress", "203.0.113.0/24", "203.0.113.7", false),
  sourceIp("NotIpAddress holds outside the range", "NotIpAddress", "203.0.113.0/24", "198.51.100.7", true),
  sourceIp(
    "NotIpAddress fails in any range of a list",
    "NotIpAddress",
    ["192.0.2.0/24", "203.0.113.0/24"],
    "203.0.113.7",
    false,
  ),
  sourceIp("NotIpAddress holds if the key is missing", "NotIpAddress", "203.0.113.0/24", undefined, true),
]);

const TOPIC = `arn:aws:sns:eu-central-1:${ACCOUNT}:alarms`;
table("conditions: ARNs", [
  sourceArn("ArnEquals is exact", "ArnEquals", TOPIC, TOPIC, true),
  sourceArn("ArnEquals fails for another ARN", "ArnEquals", TOPIC, `${TOPIC}2`, false),
  sourceArn(
    "ArnEquals supports wildcards, as ArnLike does",
    "ArnEquals",
    `${API}/*/$connect`,
    `${API}/prod/$connect`,
    true,
  ),
  sourceArn("ArnEquals fails if the key is missing", "ArnEquals", TOPIC, undefined, false),
  sourceArn("ArnLike supports * for a whole part", "ArnLike", `arn:aws:sns:*:${ACCOUNT}:*`, TOPIC, true),
  condition(
    "ArnLike supports * for the partition",
    { ArnLike: { "aws:PrincipalArn": "arn:*:iam::*:role/send-*" } },
    { "aws:PrincipalArn": ROLE },
    true,
  ),
  sourceArn("ArnLike supports ?", "ArnLike", `arn:aws:sns:eu-central-?:${ACCOUNT}:alarms`, TOPIC, true),
  sourceArn("ArnLike is case-sensitive", "ArnLike", `arn:aws:sns:*:${ACCOUNT}:Alarms`, TOPIC, false),
  sourceArn("ArnLike spans slashes in the resource part", "ArnLike", `${API}/*`, `${API}/prod/POST/room`, true),
  sourceArn(
    "ArnLike compares the parts one by one",
    "ArnLike",
    `arn:aws:sns:*:${ACCOUNT}:alarms`,
    `arn:aws:sns:eu-central-1:${OTHER_ACCOUNT}:${ACCOUNT}:alarms`,
    false,
  ),
  sourceArn("ArnLike accepts any ARN of a list", "ArnLike", [`${API}/*`, TOPIC], TOPIC, true),
  sourceArn("ArnNotEquals holds for another ARN", "ArnNotEquals", TOPIC, `${TOPIC}2`, true),
  sourceArn("ArnNotEquals fails for the ARN", "ArnNotEquals", TOPIC, TOPIC, false),
  sourceArn("ArnNotEquals holds if the key is missing", "ArnNotEquals", TOPIC, undefined, true),
  sourceArn("ArnNotLike fails for a match", "ArnNotLike", `arn:aws:sns:*:${ACCOUNT}:*`, TOPIC, false),
  sourceArn("ArnNotLike holds for another ARN", "ArnNotLike", `${API}/*`, TOPIC, true),
  sourceArn("ArnNotLike fails for any ARN of a list", "ArnNotLike", [`${API}/*`, TOPIC], TOPIC, false),
  sourceArn("ArnNotLike holds if the key is missing", "ArnNotLike", TOPIC, undefined, true),
]);

table("conditions: IfExists", [
  username("StringEqualsIfExists holds if the key is missing", "StringEqualsIfExists", "carlos", undefined, true),
  username("StringEqualsIfExists compares the key if it is present", "StringEqualsIfExists", "ana", "carlos", false),
  username("StringEqualsIfExists holds for the value", "StringEqualsIfExists", "carlos", "carlos", true),
  condition(
    "StringLikeIfExists supports wildcards",
    { StringLikeIfExists: { "ec2:InstanceType": "t3.*" } },
    { "ec2:InstanceType": "m5.large" },
    false,
  ),
  username("StringNotEqualsIfExists holds if the key is missing", "StringNotEqualsIfExists", "carlos", undefined, true),
  username(
    "StringNotEqualsIfExists compares the key if it is present",
    "StringNotEqualsIfExists",
    "carlos",
    "carlos",
    false,
  ),
  mfaAge("NumericLessThanIfExists holds if the key is missing", "NumericLessThanIfExists", "10", undefined, true),
  mfaAge("NumericLessThanIfExists compares the key if it is present", "NumericLessThanIfExists", "10", "11", false),
  tokenIssueTime("DateLessThanIfExists holds if the key is missing", "DateLessThanIfExists", NOON, undefined, true),
  secureTransport("BoolIfExists holds if the key is missing", "BoolIfExists", "true", undefined, true),
  sourceIp("IpAddressIfExists holds if the key is missing", "IpAddressIfExists", "203.0.113.0/24", undefined, true),
  sourceIp(
    "IpAddressIfExists compares the key if it is present",
    "IpAddressIfExists",
    "203.0.113.0/24",
    "198.51.100.7",
    false,
  ),
  sourceArn("ArnLikeIfExists holds if the key is missing", "ArnLikeIfExists", TOPIC, undefined, true),
]);

table("conditions: keys with several values", [
  tagKeys(
    "ForAllValues holds when each value is listed",
    "ForAllValues:StringEquals",
    ["team", "stage"],
    ["stage", "team"],
    true,
  ),
  tagKeys(
    "ForAllValues holds for some of the listed values",
    "ForAllValues:StringEquals",
    ["team", "stage"],
    ["team"],
    true,
  ),
  tagKeys(
    "ForAllValues fails for a value that isn't listed",
    "ForAllValues:StringEquals",
    ["team", "stage"],
    ["team", "cost"],
    false,
  ),
  tagKeys("ForAllValues holds if the key is missing", "ForAllValues:StringEquals", "team", undefined, true),
  tagKeys("ForAllValues holds if there are no values", "ForAllValues:StringEquals", "team", [], true),
  condition(
    "Null false makes ForAllValues fail if the key is missing",
    { "ForAllValues:StringEquals": { "aws:TagKeys": "team" }, Null: { "aws:TagKeys": "false" } },
    {},
    false,
  ),
  tagKeys(
    "ForAllValues:StringLike supports wildcards",
    "ForAllValues:StringLike",
    "chat-*",
    ["chat-a", "chat-b"],
    true,
  ),
  tagKeys(
    "ForAllValues:StringNotEquals holds when none is listed",
    "ForAllValues:StringNotEquals",
    ["cost", "owner"],
    ["team"],
    true,
  ),
  tagKeys(
    "ForAllValues:StringNotEquals fails when one is listed",
    "ForAllValues:StringNotEquals",
    ["cost", "owner"],
    ["team", "cost"],
    false,
  ),
  tagKeys(
    "ForAnyValue holds when one value is listed",
    "ForAnyValue:StringEquals",
    ["team", "stage"],
    ["cost", "team"],
    true,
  ),
  tagKeys(
    "ForAnyValue fails when none is listed",
    "ForAnyValue:StringEquals",
    ["team", "stage"],
    ["cost", "owner"],
    false,
  ),
  tagKeys("ForAnyValue fails if the key is missing", "ForAnyValue:StringEquals", "team", undefined, false),
  tagKeys("ForAnyValue fails if there are no values", "ForAnyValue:StringEquals", "team", [], false),
  tagKeys("ForAnyValue takes a single value", "ForAnyValue:StringEquals", "team", "team", true),
  condition(
    "ForAnyValue:StringLike supports wildcards",
    { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-a1/*" } },
    { "aws:PrincipalOrgPaths": ["o-b2/r/ou/", "o-a1/r/ou/"] },
    true,
  ),
  tagKeys(
    "ForAnyValue:StringNotEquals holds when one is not listed",
    "ForAnyValue:StringNotEquals",
    ["team", "stage"],
    ["team", "cost"],
    true,
  ),
  tagKeys(
    "ForAnyValue:StringNotEquals fails when each is listed",
    "ForAnyValue:StringNotEquals",
    ["team", "stage"],
    ["team", "stage"],
    false,
  ),
  matching(
    "LeadingKeys lets a principal read its own items",
    { Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": "${aws:username}" } } },
    { context: { ...carlos, "dynamodb:LeadingKeys": ["carlos"] } },
    true,
  ),
  matching(
    "LeadingKeys lets no principal read another's items",
    { Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": "${aws:username}" } } },
    { context: { ...carlos, "dynamodb:LeadingKeys": ["carlos", "ana"] } },
    false,
  ),
]);

describe("an unknown condition operator fails closed", () => {
  const unknown = { StringSoundsLike: { "aws:username": "carlos" } };

  test("an Allow with one never applies, and a note names the operator", () => {
    const decision = decide({ identity: [policy(allow({ Condition: unknown }))] }, { ...putMessage, context: carlos });
    expect(decision).toMatchObject({ allowed: false, reason: "implicitDeny" });
    expect(decision.notes.join("\n")).toContain("StringSoundsLike");
  });

  test("a Deny with one always applies, and a note names the operator", () => {
    const decision = decide({ identity: [policy(allow(), deny({ Condition: unknown }))] }, putMessage);
    expect(decision).toMatchObject({ allowed: false, reason: "explicitDeny" });
    expect(decision.notes.join("\n")).toContain("StringSoundsLike");
  });

  test("another statement's Allow still applies", () => {
    const decision = decide({ identity: [policy(allow({ Condition: unknown }), allow())] }, putMessage);
    expect(decision.allowed).toBe(true);
  });

  test.each([
    "StringSoundsLikeIfExists",
    "ForAllValues:StringSoundsLike",
    "ForSomeValues:StringEquals",
    "toString",
    "constructor",
  ])("%s is unknown too", (operator) => {
    const decision = decide(
      { identity: [policy(allow({ Condition: { [operator]: { "aws:username": "carlos" } } }))] },
      {
        ...putMessage,
        context: carlos,
      },
    );
    expect(decision.allowed).toBe(false);
    expect(decision.notes.join("\n")).toContain(operator);
  });

  test("known operators leave no note", () => {
    const Condition = { StringEquals: { "aws:username": "carlos" } };
    expect(decide({ identity: [policy(allow({ Condition }))] }, { ...putMessage, context: carlos }).notes).toEqual([]);
  });
});

describe("the statement that decided", () => {
  test("is the Allow", () => {
    const document = policy(
      allow({ Sid: "Read", Action: "dynamodb:GetItem" }),
      allow({ Sid: "Write", Action: "dynamodb:PutItem" }),
    );
    expect(decide({ identity: [document] }, putMessage).statement).toMatchObject({ sid: "Write", index: 1 });
  });

  test("is the Deny, even if an Allow matches too", () => {
    const document = policy(allow({ Sid: "All" }), deny({ Sid: "NoWrites", Action: "dynamodb:PutItem" }));
    expect(decide({ identity: [document] }, putMessage).statement).toMatchObject({ sid: "NoWrites", index: 1 });
  });

  test("has no sid if none was written", () => {
    const { statement } = decide({ identity: [policy(allow())] }, putMessage);
    expect(statement?.index).toBe(0);
    expect(statement?.sid).toBeUndefined();
  });

  test("is undefined if nothing matches", () => {
    expect(decide({ identity: [policy(allow({ Action: "s3:*" }))] }, putMessage).statement).toBeUndefined();
  });
});

describe("parsePolicy accepts every spelling", () => {
  const lists = policy({ Sid: "Write", Effect: "Allow", Action: ["dynamodb:PutItem"], Resource: [MESSAGES] });
  const scalars = {
    Version: "2012-10-17",
    Statement: { Sid: "Write", Effect: "Allow", Action: "dynamodb:PutItem", Resource: MESSAGES },
  };

  test.each([
    ["an object with lists", lists],
    ["an object with scalars", scalars],
    ["JSON text with lists", JSON.stringify(lists)],
    ["JSON text with scalars", JSON.stringify(scalars)],
    ["JSON text with white space", `\n${JSON.stringify(scalars, null, 2)}\n`],
  ])("%s", (_, document) => {
    expect(decide({ identity: [document] }, putMessage).allowed).toBe(true);
    expect(decide({ identity: [document] }, { ...putMessage, resource: CONNECTIONS }).allowed).toBe(false);
  });

  test.each([
    ["an Id", { ...scalars, Id: "chat" }],
    ["version 2008-10-17", { ...scalars, Version: "2008-10-17" }],
    ["no Version", { Statement: scalars.Statement }],
    ["a statement without a Sid", policy(allow())],
    ["a trust policy without a Resource", policy({ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" })],
    [
      "a Federated principal",
      policy({
        Effect: "Allow",
        Principal: { Federated: "accounts.google.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
      }),
    ],
  ])("%s", (_, document) => {
    expect(() => parsePolicy(document)).not.toThrow();
  });

  test("and leaves the object as it was", () => {
    const before = structuredClone(scalars);
    parsePolicy(scalars);
    expect(scalars).toEqual(before);
  });
});

describe("parsePolicy explains what is wrong", () => {
  const ok: Statement = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
  const without = (element: string) => Object.fromEntries(Object.entries(ok).filter(([key]) => key !== element));

  test.each<[name: string, document: unknown, quoted: string | RegExp]>([
    ["text that is not JSON", '{"Version": "2012-10-17",', /JSON/],
    ["empty text", "", /JSON/],
    ["a list", [ok], /object/],
    ["JSON text of a list", "[]", /object/],
    ["null", null, "null"],
    ["undefined", undefined, /object|undefined/],
    ["a number", 42, "42"],
    ["an unknown Version", { Version: "2020-01-01", Statement: ok }, "2020-01-01"],
    ["a Version that is a number", { Version: 20121017, Statement: ok }, "20121017"],
    ["no Statement", { Version: "2012-10-17" }, "Statement"],
    ["a Statement that is text", policy("Allow" as unknown as Statement), "Allow"],
    ["a Statement that is null", policy(ok, null as unknown as Statement), "null"],
    ["no Effect", policy(without("Effect")), "Effect"],
    ["an Effect that is neither Allow nor Deny", policy({ ...ok, Effect: "Permit" }), "Permit"],
    ["an Effect in lower case", policy({ ...ok, Effect: "allow" }), '"allow"'],
    ["an Effect that is a list", policy({ ...ok, Effect: ["Deny"] }), "Deny"],
    ["no Action", policy(without("Action")), "Action"],
    ["Action and NotAction", policy({ ...ok, NotAction: "iam:*" }), "NotAction"],
    ["a number as Action", policy({ ...ok, Action: 42 }), "42"],
    ["a number in a list of Actions", policy({ ...ok, Action: ["s3:GetObject", 42] }), "42"],
    ["an object as Action", policy({ ...ok, Action: { service: "s3" } }), "service"],
    ["null as NotAction", policy({ ...without("Action"), NotAction: null }), "null"],
    ["Resource and NotResource", policy({ ...ok, NotResource: MESSAGES }), "NotResource"],
    ["a boolean as Resource", policy({ ...ok, Resource: true }), "true"],
    ["Principal and NotPrincipal", policy({ ...ok, Principal: "*", NotPrincipal: { AWS: ROLE } }), "NotPrincipal"],
    ["text other than * as Principal", policy({ ...ok, Principal: ROLE }), ROLE],
    ["a number as Principal", policy({ ...ok, Principal: { AWS: 111122223333 } }), "111122223333"],
    ["text as Condition", policy({ ...ok, Condition: "always" }), "always"],
    ["text for an operator of a Condition", policy({ ...ok, Condition: { StringEquals: "carlos" } }), "carlos"],
    [
      "an object as a value of a Condition",
      policy({ ...ok, Condition: { StringEquals: { "aws:username": { is: "carlos" } } } }),
      "carlos",
    ],
    ["an element that IAM doesn't know", policy({ ...ok, Resorce: "*" }), "Resorce"],
    ["a fault in the second statement", policy(ok, { ...ok, Effect: "Permit" }), "Permit"],
  ])("%s", (_, document, quoted) => {
    expect(() => parsePolicy(document)).toThrow(PolicySyntaxError);
    expect(() => parsePolicy(document)).toThrow(quoted);
  });
});

describe("properties", () => {
  const oneOrMany = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }));

  const actions = fc.constantFrom(
    "*",
    "dynamodb:*",
    "dynamodb:PutItem",
    "DYNAMODB:p?t*",
    "dynamodb:GetItem",
    "s3:GetObject",
  );
  const resources = fc.constantFrom(
    "*",
    MESSAGES,
    CONNECTIONS,
    `arn:aws:dynamodb:*:${ACCOUNT}:table/*`,
    "arn:aws:s3:::home/${aws:username}/*",
  );
  const principals = fc.constantFrom<unknown>(
    "*",
    { AWS: ROLE },
    { AWS: [OTHER_ROLE, ACCOUNT] },
    { Service: "apigateway.amazonaws.com" },
  );
  const comparisons = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "Null",
    "StringSoundsLike",
  ];
  const operators = fc
    .tuple(
      fc.constantFrom("", "", "ForAllValues:", "ForAnyValue:"),
      fc.constantFrom(...comparisons),
      fc.constantFrom("", "", "IfExists"),
    )
    .map((parts) => parts.join(""));
  const keys = fc.constantFrom(
    "aws:username",
    "AWS:UserName",
    "aws:SourceIp",
    "aws:SourceArn",
    "aws:CurrentTime",
    "aws:TagKeys",
    "acme:Shoe",
  );
  const values = fc.constantFrom(
    "carlos",
    "c*",
    "true",
    "false",
    "42",
    NOON,
    "203.0.113.0/24",
    "2001:db8::1",
    TOPIC,
    "${aws:username}",
    "",
  );
  const conditions = fc.dictionary(operators, fc.dictionary(keys, oneOrMany(values), { minKeys: 1, maxKeys: 2 }), {
    minKeys: 1,
    maxKeys: 2,
  });

  const contexts: fc.Arbitrary<Context> = fc.dictionary(keys, fc.oneof(values, fc.array(values, { maxLength: 3 })), {
    maxKeys: 4,
  });
  const requests: fc.Arbitrary<AccessRequest> = fc.record({
    action: fc.constantFrom("dynamodb:PutItem", "dynamodb:GetItem", "s3:GetObject"),
    resource: fc.constantFrom(MESSAGES, CONNECTIONS, "arn:aws:s3:::home/carlos/a", "*"),
    context: contexts,
    principal: fc.constantFrom<Principal>({ AWS: ROLE }, { AWS: OTHER_ROLE }),
  });

  const statements = (
    effects: fc.Arbitrary<string>,
    extra: fc.Arbitrary<Statement> = fc.constant({}),
  ): fc.Arbitrary<Statement> =>
    fc
      .tuple(
        fc.record({ Effect: effects }),
        fc.oneof(fc.record({ Action: oneOrMany(actions) }), fc.record({ NotAction: oneOrMany(actions) })),
        fc.oneof(fc.record({ Resource: oneOrMany(resources) }), fc.record({ NotResource: oneOrMany(resources) })),
        fc.oneof(
          { weight: 2, arbitrary: fc.constant({}) },
          { weight: 1, arbitrary: fc.record({ Condition: conditions }) },
        ),
        extra,
      )
      .map((parts) => Object.assign({}, ...parts) as Statement);
  const versions = fc.constantFrom({ Version: "2012-10-17" }, { Version: "2008-10-17" }, {});
  const documentOf = (statement: fc.Arbitrary<Statement>): fc.Arbitrary<Document> =>
    fc.tuple(versions, oneOrMany(statement)).map(([of, Statement]) => ({ ...of, Statement }));

  // Few statements are Denies, so that enough requests are allowed to test their properties.
  const effects = fc.constantFrom("Allow", "Allow", "Allow", "Deny");
  const identityDocuments = fc.array(documentOf(statements(effects)), { maxLength: 3 });
  const withPrincipal = fc.record({ Principal: principals });
  const resourceDocuments = fc.array(documentOf(statements(effects, withPrincipal)), { maxLength: 2 });
  const writings: fc.Arbitrary<Written> = fc.oneof(
    fc.record({ identity: identityDocuments, resource: resourceDocuments }),
    fc.record({ identity: identityDocuments, resource: resourceDocuments, boundary: documentOf(statements(effects)) }),
  );

  test("a Deny on everything denies every request", () => {
    fc.assert(
      fc.property(writings, requests, (policies, request) => {
        const decision = decide({ ...policies, identity: [...(policies.identity ?? []), policy(deny())] }, request);
        expect(decision).toMatchObject({ allowed: false, reason: "explicitDeny" });
      }),
    );
  });

  test("a Deny on everything in the resource policy denies a service", () => {
    fc.assert(
      fc.property(resourceDocuments, requests, (documents, request) => {
        const asking = { ...request, principal: { Service: "apigateway.amazonaws.com" } };
        const decision = decide({ resource: [...documents, policy(deny({ Principal: "*" }))] }, asking);
        expect(decision).toMatchObject({ allowed: false, reason: "explicitDeny" });
      }),
    );
  });

  test("another Allow never denies what was allowed", () => {
    const more = fc.tuple(
      documentOf(statements(fc.constant("Allow"))),
      documentOf(statements(fc.constant("Allow"), withPrincipal)),
    );
    fc.assert(
      fc.property(writings, more, requests, (policies, [identity, resource], request) => {
        const before = decide(policies, request);
        const after = decide(
          {
            ...policies,
            identity: [identity, ...(policies.identity ?? [])],
            resource: [resource, ...(policies.resource ?? [])],
          },
          request,
        );
        expect(after.allowed || !before.allowed).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("a boundary never allows what was denied", () => {
    fc.assert(
      fc.property(identityDocuments, documentOf(statements(effects)), requests, (identity, boundary, request) => {
        const without = decide({ identity }, request);
        const within = decide({ identity, boundary }, request);
        expect(without.allowed || !within.allowed).toBe(true);
      }),
    );
  });

  test("the order of documents and statements does not matter", () => {
    const reversed = (document: unknown): Document => {
      const { Statement, ...rest } = document as Document;
      return { ...rest, Statement: Array.isArray(Statement) ? Statement.toReversed() : Statement };
    };
    fc.assert(
      fc.property(writings, requests, (policies, request) => {
        const forward = decide(policies, request);
        const backward = decide(
          {
            ...policies,
            identity: (policies.identity ?? []).toReversed().map(reversed),
            resource: (policies.resource ?? []).toReversed().map(reversed),
          },
          request,
        );
        expect([backward.allowed, backward.reason]).toEqual([forward.allowed, forward.reason]);
      }),
    );
  });

  test("JSON text and object are the same document", () => {
    fc.assert(
      fc.property(documentOf(statements(effects, withPrincipal)), (document) => {
        expect(parsePolicy(JSON.stringify(document))).toEqual(parsePolicy(document));
      }),
    );
  });

  /** Matches IAM's wildcards by their definition, which is simple but takes exponential time. */
  function isMatch(pattern: string, text: string): boolean {
    if (pattern === "") return text === "";
    const [head, rest] = [pattern[0], pattern.slice(1)];
    if (head === "*") return isMatch(rest, text) || (text !== "" && isMatch(pattern, text.slice(1)));
    return text !== "" && (head === "?" || head === text[0]) && isMatch(rest, text.slice(1));
  }

  const word = (alphabet: string, length: { minLength?: number; maxLength: number }) =>
    fc.string({ unit: fc.constantFrom(...alphabet), ...length });

  // No *, ? or variables, but every character that is special in a regular expression.
  const literals = word("aZ09/:._-+=@#[](){}^|\\$, '", { minLength: 1, maxLength: 12 }).filter(
    (text) => !text.includes("${"),
  );

  test("a resource without wildcards matches itself", () => {
    fc.assert(
      fc.property(literals, (text) => {
        const arn = `arn:aws:s3:::${text}`;
        expect(
          decide({ identity: [policy(allow({ Resource: arn }))] }, { action: "s3:GetObject", resource: arn }).allowed,
        ).toBe(true);
      }),
    );
  });

  test("a resource without wildcards matches no other", () => {
    fc.assert(
      fc.property(literals, literals, (pattern, text) => {
        const identity = [policy(allow({ Resource: `arn:aws:s3:::${pattern}` }))];
        expect(decide({ identity }, { action: "s3:GetObject", resource: `arn:aws:s3:::${text}` }).allowed).toBe(
          pattern === text,
        );
      }),
    );
  });

  test("an action without wildcards matches itself case-insensitively", () => {
    fc.assert(
      fc.property(word("aBcXyZ", { minLength: 1, maxLength: 10 }), (name) => {
        const identity = [policy(allow({ Action: `s3:${name}` }))];
        for (const asked of [`s3:${name}`, `S3:${name.toUpperCase()}`, `s3:${name.toLowerCase()}`]) {
          expect(decide({ identity }, { action: asked, resource: "*" }).allowed).toBe(true);
        }
      }),
    );
  });

  test.each(["StringEquals", "StringLike"])("%s without wildcards matches itself", (operator) => {
    fc.assert(
      fc.property(literals, (text) => {
        const identity = [policy(allow({ Condition: { [operator]: { "acme:Text": text } } }))];
        expect(decide({ identity }, { ...putMessage, context: { "acme:Text": text } }).allowed).toBe(true);
      }),
    );
  });

  test("wildcards of a resource agree with the definition", () => {
    fc.assert(
      fc.property(
        word("abA/*?", { minLength: 1, maxLength: 7 }),
        word("abA/", { minLength: 1, maxLength: 7 }),
        (pattern, text) => {
          const identity = [policy(allow({ Resource: `arn:aws:s3:::${pattern}` }))];
          const { allowed } = decide({ identity }, { action: "s3:GetObject", resource: `arn:aws:s3:::${text}` });
          expect(allowed).toBe(isMatch(pattern, text));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("wildcards of an action agree with the definition, without case", () => {
    fc.assert(
      fc.property(
        word("abAB*?", { minLength: 1, maxLength: 7 }),
        word("abAB", { minLength: 1, maxLength: 7 }),
        (pattern, text) => {
          const identity = [policy(allow({ Action: `s3:${pattern}` }))];
          const { allowed } = decide({ identity }, { action: `s3:${text}`, resource: "*" });
          expect(allowed).toBe(isMatch(pattern.toLowerCase(), text.toLowerCase()));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("wildcards of StringLike agree with the definition, and StringNotLike with its negation", () => {
    fc.assert(
      fc.property(
        word("abA:/*?", { minLength: 1, maxLength: 7 }),
        word("abA:/", { minLength: 1, maxLength: 7 }),
        (pattern, text) => {
          const request = { ...putMessage, context: { "acme:Text": text } };
          const holds = (operator: string) =>
            decide({ identity: [policy(allow({ Condition: { [operator]: { "acme:Text": pattern } } }))] }, request)
              .allowed;
          expect([holds("StringLike"), holds("StringNotLike")]).toEqual([
            isMatch(pattern, text),
            !isMatch(pattern, text),
          ]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("NumericLessThan agrees with the numbers", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: -1000, max: 1000 }), (bound, value) => {
        const identity = [policy(allow({ Condition: { NumericLessThan: { "acme:Count": bound } } }))];
        expect(decide({ identity }, { ...putMessage, context: { "acme:Count": String(value) } }).allowed).toBe(
          value < bound,
        );
      }),
    );
  });

  test("IpAddress agrees with the address's leading bits", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const addresses = fc.tuple(octet, octet, octet, octet);
    const bits = (address: number[]) => address.map((part) => part.toString(2).padStart(8, "0")).join("");
    const parts = (binary: string) => [0, 8, 16, 24].map((start) => Number.parseInt(binary.slice(start, start + 8), 2));
    fc.assert(
      fc.property(
        addresses,
        fc.integer({ min: 0, max: 32 }),
        addresses,
        fc.integer({ min: 0, max: 32 }),
        (network, prefix, other, shared) => {
          // Prepare: an address that shares some leading bits with the network.
          const address = parts(bits(network).slice(0, shared) + bits(other).slice(shared));
          const base = parts(bits(network).slice(0, prefix).padEnd(32, "0"));
          // Act
          const identity = [
            policy(allow({ Condition: { IpAddress: { "aws:SourceIp": `${base.join(".")}/${prefix}` } } })),
          ];
          const { allowed } = decide({ identity }, { ...putMessage, context: { "aws:SourceIp": address.join(".") } });
          // Assess
          expect(allowed).toBe(bits(address).startsWith(bits(network).slice(0, prefix)));
        },
      ),
      { numRuns: 300 },
    );
  });

  // Texts that often break parsers.
  const oddities = fc.oneof(
    fc.constantFrom(
      "",
      "*",
      "?",
      "$",
      "${",
      "${}",
      "${*",
      "${aws:username",
      "${aws:username, }",
      "${aws:username, 'x",
      "${${*}}",
    ),
    fc.constantFrom("arn", "arn:", "arn:aws:s3", "::::::::", "arn:aws:s3:::[", "\\", "(", "*".repeat(50), "s3:", ":"),
    fc.constantFrom(
      "999.1.1.1/99",
      "1.2.3",
      "10.0.0.0/-1",
      "10.0.0.0/",
      "::/129",
      ":::",
      "::1::",
      "g::1",
      "/",
      "fe80::1%eth0",
      "fe80::/10",
    ),
    fc.constantFrom("NaN", "1e999", "-", "0x10", "2026-13-45", "not a date", "99999999999999999999", "===", "TRUE"),
    fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "\u0000", "\ud800", "🗨️"),
    fc.string(),
  );
  const oddOperators = fc.oneof(
    operators,
    fc.constantFrom(
      "",
      ":",
      "IfExists",
      "ForAllValues:",
      "ForAnyValue:",
      "ForAnyValue:Null",
      "NullIfExists",
      "ForAllValues:ForAnyValue:Bool",
    ),
    oddities,
  );

  test("no operator throws on odd values", () => {
    fc.assert(
      fc.property(
        oddOperators,
        oneOrMany(fc.oneof(values, oddities)),
        oneOrMany(fc.oneof(values, oddities)),
        (operator, written, asked) => {
          const identity = [policy(allow({ Condition: { [operator]: { "acme:Odd": written } } }))];
          const { allowed, reason } = decide({ identity }, { ...putMessage, context: { "acme:Odd": asked } });
          expect(reason).toBe(allowed ? "allowed" : "implicitDeny");
        },
      ),
      { numRuns: 5000 },
    );
  });

  test("no accepted document makes evaluate throw", () => {
    // Prepare: documents that are nearly valid.
    const scalars = fc.oneof(
      { weight: 20, arbitrary: oddities },
      { weight: 1, arbitrary: fc.oneof(fc.boolean(), fc.double(), fc.constant(null)) },
    );
    const lists = fc.oneof(scalars, fc.array(scalars, { maxLength: 3 }));
    const oddStatements = fc.record(
      {
        Sid: oddities,
        Effect: fc.constantFrom("Allow", "Deny"),
        Action: lists,
        NotAction: lists,
        Resource: lists,
        NotResource: lists,
        Principal: fc.oneof(
          principals,
          principals,
          lists,
          fc.dictionary(fc.oneof(fc.constantFrom("AWS", "Service", "Federated"), oddities), lists, { maxKeys: 2 }),
        ),
        NotPrincipal: fc.oneof(principals, fc.dictionary(fc.constantFrom("AWS", "Service"), lists, { maxKeys: 2 })),
        Condition: fc.oneof(
          conditions,
          fc.dictionary(oddOperators, fc.dictionary(fc.oneof(keys, oddities), lists, { maxKeys: 2 }), { maxKeys: 3 }),
        ),
      },
      { requiredKeys: ["Effect"] },
    ) as fc.Arbitrary<Statement>;
    // Keeps one element of each pair that exclude each other, and makes sure that there is an Action.
    const likely = oddStatements.map(({ NotAction, NotResource, NotPrincipal, ...rest }) => ({ Action: "*", ...rest }));
    const documents = fc.oneof(
      { weight: 6, arbitrary: documentOf(likely) },
      { weight: 2, arbitrary: documentOf(oddStatements) },
      { weight: 2, arbitrary: documentOf(statements(effects, withPrincipal)) },
      { weight: 1, arbitrary: fc.jsonValue() },
      { weight: 1, arbitrary: fc.json() },
      { weight: 1, arbitrary: fc.record({ Version: fc.jsonValue(), Statement: fc.jsonValue() }, { requiredKeys: [] }) },
    );
    const oddRequests: fc.Arbitrary<AccessRequest> = fc.record(
      {
        action: fc.oneof(actions, oddities),
        resource: fc.oneof(resources, oddities),
        context: fc.dictionary(
          fc.oneof(keys, oddities),
          fc.oneof(values, oddities, fc.array(oddities, { maxLength: 3 })),
          { maxKeys: 4 },
        ),
        principal: fc.oneof(
          fc.constantFrom<Principal>({}, { AWS: ROLE }, { AWS: ACCOUNT }, { Service: "apigateway.amazonaws.com" }),
          fc.record({ AWS: oddities }),
          fc.record({ Service: oddities }),
        ),
      },
      { requiredKeys: ["action", "resource"] },
    );

    fc.assert(
      fc.property(documents, oddRequests, (document, request) => {
        let accepted: ReturnType<typeof parsePolicy>;
        try {
          accepted = parsePolicy(document);
        } catch (error) {
          expect(error).toBeInstanceOf(PolicySyntaxError);
          return;
        }
        const open = parsePolicy(policy(allow()));
        // Act
        const decisions = [
          evaluate(request, { identity: [accepted] }),
          evaluate(request, { identity: [open], boundary: accepted }),
          evaluate(request, { resource: [accepted] }),
        ];
        // Assess
        for (const { allowed, reason, notes } of decisions) {
          expect(["allowed", "explicitDeny", "implicitDeny", "outsideBoundary"]).toContain(reason);
          expect(allowed).toBe(reason === "allowed");
          expect(notes.every((note) => typeof note === "string")).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test.each(["constructor", "toString", "__proto__", "ForAnyValue:constructor"])(
  "%s isn't a condition operator, though every object inherits the name",
  (operator) => {
    expect(isKnownOperator(operator)).toBe(false);
  },
);
