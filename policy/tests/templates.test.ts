/** Tests that policies in CloudFormation templates are found, whichever functions and conditions they are written with. */
import { describe, expect, test } from "vitest";
import { checkResource } from "../checkStack.ts";
import { catalog } from "./catalog.ts";
import { registered } from "./resources.ts";
import { ACCOUNT } from "./statements.ts";

const checked = (templateBody: string) =>
  checkResource(
    registered({ type: "aws:cloudformation/stack:Stack", name: "orders", props: { templateBody } }),
    { account: ACCOUNT },
    catalog,
  );
const findingsIn = (template: string) => checked(template).findings.map(({ rule, message }) => `${rule}: ${message}`);
const rulesIn = (template: string) => [...new Set(checked(template).findings.map(({ rule }) => rule))];

/** A template with one resource, whose properties are in YAML's flow style. */
const one = (type: string, properties: string, more = "") =>
  `${more}\nResources:\n  Work:\n    Type: ${type}\n    Properties: ${properties}\n`;
const documentOf = (document: string, more = "") =>
  one("AWS::IAM::ManagedPolicy", `{ PolicyDocument: ${document} }`, more);
const statements = (list: string, more = "") => documentOf(`{ Version: "2012-10-17", Statement: ${list} }`, more);

const READS = '{ Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::orders/a" }';
const ALL = '{ Effect: Allow, Action: "*", Resource: "*" }';

describe("a managed policy with full access is found", () => {
  const ARN = "arn:aws:iam::aws:policy/AdministratorAccess";
  const OF_PARTITION = '!Sub "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess"';

  test.each([
    ["of a role", "AWS::IAM::Role", `{ ManagedPolicyArns: ["${ARN}"] }`],
    ["of a user", "AWS::IAM::User", `{ ManagedPolicyArns: ["${ARN}"] }`],
    ["of a group, in JSON", "AWS::IAM::Group", `{"ManagedPolicyArns":["${ARN}"]}`],
    ["in any partition", "AWS::IAM::Role", `{ ManagedPolicyArns: [${OF_PARTITION}] }`],
    [
      "in parts",
      "AWS::IAM::Role",
      '{ ManagedPolicyArns: [!Join ["", ["arn:", !Ref "AWS::Partition", ":iam::aws:policy/AdministratorAccess"]]] }',
    ],
    ["in one branch", "AWS::IAM::Role", `{ ManagedPolicyArns: !If [P, !Ref "AWS::NoValue", ["${ARN}"]] }`],
    ["of a permission set", "AWS::SSO::PermissionSet", `{ ManagedPolicies: ["${ARN}"] }`],
    ["of a function, by name", "AWS::Serverless::Function", "{ Policies: AdministratorAccess }"],
    [
      "of a function, in a list",
      "AWS::Serverless::Function",
      "{ Policies: [AdministratorAccess, { S3ReadPolicy: { BucketName: a } }] }",
    ],
    ["of a function, by ARN", "AWS::Serverless::Function", `{ Policies: "${ARN}" }`],
  ])("%s", (_, type, properties) => {
    expect(findingsIn(one(type, properties))).toEqual([
      `full-access-managed-policy: ${ARN} allows far more than one use needs, and AWS may extend it`,
    ]);
  });

  test("with the path of the property", () => {
    const [finding] = checked(one("AWS::IAM::Role", `{ ManagedPolicyArns: ["${ARN}"] }`)).findings;
    expect(finding?.path).toBe("templateBody.Resources.Work.Properties.ManagedPolicyArns");
  });

  test("of roles that a loop creates", () => {
    const role = `{ Type: AWS::IAM::Role, Properties: { ManagedPolicyArns: ["${ARN}"] } }`;
    expect(rulesIn(`Resources:\n  "Fn::ForEach::Roles": [Id, [a, b], { "Role\${Id}": ${role} }]`)).toEqual([
      "full-access-managed-policy",
    ]);
  });

  test("that makes a principal an administrator of a whole cluster, but not of a namespace", () => {
    const entry = (scope: string) =>
      one(
        "AWS::EKS::AccessEntry",
        `{ AccessPolicies: [{ PolicyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy", AccessScope: { Type: ${scope} } }] }`,
      );
    expect(rulesIn(entry("cluster"))).toEqual(["full-access-managed-policy"]);
    expect(rulesIn(entry("namespace"))).toEqual([]);
  });

  test("in the template of a stack set", () => {
    const inner = JSON.stringify({
      Resources: { A: { Type: "AWS::IAM::Role", Properties: { ManagedPolicyArns: [ARN] } } },
    });
    const { findings } = checked(one("AWS::CloudFormation::StackSet", `{ TemplateBody: '${inner}' }`));
    expect(findings.map(({ rule, path }) => `${rule} at ${path}`)).toEqual([
      "full-access-managed-policy at templateBody.Resources.Work.Properties.TemplateBody.Resources.A.Properties.ManagedPolicyArns",
    ]);
  });

  test("unless it is only a boundary, which grants nothing", () => {
    expect(rulesIn(one("AWS::IAM::Role", `{ PermissionsBoundary: "${ARN}" }`))).toEqual([]);
  });
});

describe("each branch of a condition is checked:", () => {
  test.each([
    ["a list of statements", statements(`!If [P, [${READS}], [${ALL}]]`), "wildcard-action"],
    ["a statement", statements(`[!If [P, ${READS}, ${ALL}]]`), "wildcard-action"],
    [
      "a document",
      documentOf(
        `!If [P, { Version: "2012-10-17", Statement: ${READS} }, { Version: "2012-10-17", Statement: ${ALL} }]`,
      ),
      "wildcard-action",
    ],
    [
      "a resource",
      statements('{ Effect: Allow, Action: "s3:DeleteObject", Resource: !If [P, "arn:aws:s3:::b/*", "*"] }'),
      "wildcard-resource",
    ],
    [
      "an action",
      statements('{ Effect: Allow, Action: !If [P, "s3:GetObject", "s3:*"], Resource: "arn:aws:s3:::b/*" }'),
      "wildcard-action",
    ],
    ["an effect", statements('{ Effect: !If [P, Deny, Allow], Action: "*", Resource: "*" }'), "wildcard-action"],
    [
      "a principal",
      one(
        "AWS::S3::BucketPolicy",
        `{ PolicyDocument: { Version: "2012-10-17", Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*", Principal: !If [P, { AWS: "arn:aws:iam::${ACCOUNT}:root" }, "*"] } } }`,
      ),
      "public-principal",
    ],
    [
      "a condition that may be missing",
      one(
        "AWS::S3::BucketPolicy",
        `{ PolicyDocument: { Version: "2012-10-17", Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*", Principal: "*", Condition: !If [P, { StringEquals: { "aws:PrincipalAccount": "${ACCOUNT}" } }, !Ref "AWS::NoValue"] } } }`,
      ),
      "public-principal",
    ],
    ["a branch within a branch", statements(`[!If [P, !If [Q, ${READS}, ${ALL}], ${READS}]]`), "wildcard-action"],
    [
      "the last of many conditions",
      statements(`[${[..."abcdefgh"].map((name) => `!If [${name}, ${READS}, ${name === "h" ? ALL : READS}]`)}]`),
      "wildcard-action",
    ],
    ["a statement with an anchor", statements(`!If [P, [&all ${READS}], [*all, ${ALL}]]`), "wildcard-action"],
  ])("%s", (_, template, rule) => {
    const rules = rulesIn(template);
    expect(rules).toContain(rule);
    expect(rules).not.toContain("malformed-document");
  });

  test("a finding that both branches have is reported once, and no text replaces both", () => {
    const both = '{ Effect: Allow, Action: ["sqs:*", "sns:Get*"], Resource: "arn:aws:sqs:::a" }';
    const { findings } = checked(statements(`[${both}, !If [P, ${READS}, !Ref "AWS::NoValue"]]`));
    expect(findings.filter(({ rule }) => rule === "wildcard-action")).toHaveLength(1);
    expect(findings.every(({ finalText }) => finalText === undefined)).toBe(true);
  });
});

describe("values that other parts of the template give are checked:", () => {
  test.each([
    [
      "the default of a parameter",
      statements(
        '{ Effect: Allow, Action: !Ref A, Resource: "*" }',
        'Parameters: { A: { Type: String, Default: "*" } }',
      ),
      "wildcard-action",
    ],
    [
      "the default of a list",
      statements(
        '{ Effect: Allow, Action: !Ref A, Resource: "arn:aws:s3:::b/*" }',
        'Parameters: { A: { Type: CommaDelimitedList, Default: "s3:GetObject, s3:*" } }',
      ),
      "wildcard-action",
    ],
    [
      "a mapping",
      statements(
        '{ Effect: Allow, Action: "s3:DeleteObject", Resource: !FindInMap [M, !Ref "AWS::Region", A] }',
        'Mappings: { M: { eu-central-1: { A: "arn:aws:s3:::b/a" }, us-east-1: { A: "*" } } }',
      ),
      "wildcard-resource",
    ],
    [
      "an effect that isn't known",
      statements('{ Effect: !Ref A, Action: "*", Resource: "*" }', "Parameters: { A: { Type: String } }"),
      "wildcard-action",
    ],
  ])("%s", (_, template, rule) => {
    expect(rulesIn(template)).toContain(rule);
  });
});

describe("what CloudFormation or IAM would reject is reported:", () => {
  test.each([
    ["text as statements", documentOf("{ Statement: hello }")],
    ["text as a document", documentOf("hello")],
    ["text as a list of policies", one("AWS::IAM::Role", "{ Policies: hello }")],
    ["text as a policy", one("AWS::IAM::Group", "{ Policies: [hello] }")],
    ["a policy without a document", one("AWS::IAM::User", "{ Policies: [{ PolicyName: a }] }")],
    ["a misspelled element", documentOf('{ Statement: { Effect: Allow, Actions: "*" } }')],
    ["text as the trust policy of a role", one("AWS::IAM::Role", "{ AssumeRolePolicyDocument: { Statement: a } }")],
    ["text as the policy of a key", one("AWS::KMS::Key", "{ KeyPolicy: a }")],
  ])("%s", (_, template) => {
    expect(rulesIn(template)).toEqual(["malformed-document"]);
  });

  test.each([
    ["a function that doesn't exist", documentOf("!Foo bar")],
    ["a parameter as a document", documentOf("!Ref Text")],
    ["statements from another file", documentOf('{ Statement: { "Fn::Transform": { Name: "AWS::Include" } } }')],
    ["a statement from another file", statements(`[${READS}, { "Fn::Transform": { Name: "AWS::Include" } }]`)],
  ])("%s is unknown", (_, template) => {
    const { findings, unknown } = checked(template);
    expect(unknown.map(({ path }) => path)).toEqual(["templateBody.Resources.Work.Properties.PolicyDocument"]);
    expect(findings).toEqual([]);
  });
});

describe("nothing is reported for", () => {
  const reading = (resource: string, more = "") =>
    statements(`{ Effect: Allow, Action: "s3:GetObject", Resource: ${resource} }`, more);

  test.each([
    ["a statement that a condition removes", statements(`[${READS}, !If [P, ${READS}, !Ref "AWS::NoValue"]]`)],
    ["the only statement, which a condition removes", statements(`[!If [P, ${READS}, !Ref "AWS::NoValue"]]`)],
    ["a property that is removed", statements(READS.replace("{", '{ Condition: !Ref "AWS::NoValue",'))],
    ["an effect that isn't known", statements(READS.replace("Allow", "!Ref Eff"))],
    ["a Sid that isn't known", statements(READS.replace("{", "{ Sid: !Ref Name,"))],
    ["an action that isn't known", statements(READS.replace('"s3:GetObject"', "!Ref Action"))],
    ["the ARN of a bucket, joined", reading('!Join ["", [!GetAtt B.Arn, "/*"]]')],
    [
      "the ARN of a bucket, joined in the long form",
      reading('{ "Fn::Join": ["", [{ "Fn::GetAtt": [B, Arn] }, "/*"]] }'),
    ],
    ["an imported ARN", reading('!Join ["", [!ImportValue Bucket, "/*"]]')],
    ["the ARN of a bucket, substituted", reading('!Sub "${B.Arn}/*"')],
    ["the ARN of a bucket under another name", reading('!Sub ["${A}/*", { A: !GetAtt B.Arn }]')],
    ["the name of a bucket, joined", reading('!Join ["", ["arn:aws:s3:::", !Ref B, "/*"]]')],
    ["an ARN without a default", reading("!Ref Arn", 'Parameters: { Arn: { Type: String, Default: "" } }')],
    ["an ARN whose default means none", reading("!Ref Arn", "Parameters: { Arn: { Type: String, Default: none } }")],
    [
      "an ARN that an SSM parameter has",
      reading("!Ref Arn", 'Parameters: { Arn: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/a:b" } }'),
    ],
    [
      "the ARN of a bucket in its own policy",
      one(
        "AWS::S3::BucketPolicy",
        '{ PolicyDocument: { Version: "2012-10-17", Statement: { Effect: Allow, Action: "s3:GetObject", Principal: { AWS: !GetAtt R.Arn }, Resource: !Sub "${B.Arn}/*" } } }',
      ),
    ],
    [
      "a principal that isn't known",
      one(
        "AWS::S3::BucketPolicy",
        '{ PolicyDocument: { Version: "2012-10-17", Statement: { Effect: Allow, Action: "s3:GetObject", Principal: !Ref P, Resource: "arn:aws:s3:::b/a" } } }',
      ),
    ],
    [
      "a name of a policy that SAM knows",
      one("AWS::Serverless::Function", "{ Policies: AWSLambdaBasicExecutionRole }"),
    ],
  ])("%s", (_, template) => {
    expect(findingsIn(template)).toEqual([]);
    expect(checked(template).unknown).toEqual([]);
  });
});
