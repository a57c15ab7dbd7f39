/** Tests that policy documents are found in known types, and wherever a value looks like one. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { MALFORMED } from "../checkDocument.ts";
import { checkResource } from "../checkStack.ts";
import { documentsOf } from "../resources/policyDocuments.ts";
import { UNKNOWN } from "../resources/unknown.ts";
import { catalog } from "./catalog.ts";
import { registered } from "./resources.ts";
import { ACCOUNT, allow, deny, policy, trust } from "./statements.ts";

const WIDE = policy(allow("*", "*"));
const KEY_POLICY = policy({ ...trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }), Action: "kms:*", Resource: "*" });
const found = (type: string, props: Record<string, unknown>) =>
  checkResource(registered({ type, name: "orders", props }), { account: ACCOUNT }, catalog);
const rulesIn = (type: string, props: Record<string, unknown>) =>
  new Set(found(type, props).findings.map(({ rule, path }) => `${rule} at ${path}`));

/** Each type with its first property, read from the source of `resources/policyDocuments.ts`. */
const TABLE = [
  ...readFileSync(new URL("../resources/policyDocuments.ts", import.meta.url), "utf8").matchAll(
    /"(aws:\w+\/\w+:\w+)": \{\s*([^\n]+)/g,
  ),
].map(([, type = "", line = ""]) => ({ type, property: /"?([\w[\].]+)"?:/.exec(line)?.[1] as string }));

describe("each type of the table", () => {
  const aws = dirname(createRequire(import.meta.url).resolve("@pulumi/aws/package.json"));

  test("is tested, and there are more than 45 of them", () => {
    expect(TABLE.length).toBeGreaterThan(45);
  });

  test.each(TABLE)("$type is one of Pulumi's types and has $property", ({ type, property }) => {
    const [, module = "", file = ""] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
    const declaration = join(aws, module, `${file}.d.ts`);
    expect({ type, exists: existsSync(declaration) }).toEqual({ type, exists: true });
    expect(readFileSync(declaration, "utf8")).toMatch(new RegExp(`^    ${property.split("[]")[0]}\\??: `, "m"));
  });

  test.each(TABLE)(
    "$type: its document is found as text and as an object, and is reported if its value isn't known yet",
    ({ type, property }) => {
      const [head = "", tail] = property.split("[].");
      const path = tail === undefined ? head : `${head}[0].${tail}`;
      const holding = (document: unknown) => ({ [head]: tail === undefined ? document : [{ [tail]: document }] });
      for (const document of [WIDE, JSON.stringify(WIDE)])
        expect(documentsOf(type, holding(document))).toMatchObject([{ path, document }]);
      expect(found(type, holding(UNKNOWN)).unknown).toMatchObject([{ path }]);
      for (const none of [undefined, null, ""]) expect(documentsOf(type, { [head]: none })).toEqual([]);
    },
  );
});

describe("a role's own list of policies", () => {
  const type = "aws:iam/role:Role";

  test("has a document in each entry with a policy", () => {
    const inlinePolicies = [
      { name: "a", policy: policy(allow("sqs:SendMessage", "*")) },
      { name: "b" },
      { name: "c", policy: JSON.stringify(WIDE) },
    ];
    expect(documentsOf(type, { inlinePolicies }).map(({ path }) => path)).toEqual([
      "inlinePolicies[0].policy",
      "inlinePolicies[2].policy",
    ]);
  });

  test.each([
    ["as a whole", UNKNOWN, "inlinePolicies"],
    ["in the document of an entry", [{ policy: UNKNOWN }], "inlinePolicies[0].policy"],
    ["in an entry", [{ policy: WIDE }, UNKNOWN], "inlinePolicies[1]"],
  ])("that is unknown %s is reported", (_, inlinePolicies, path) => {
    expect(found(type, { inlinePolicies }).unknown.map((place) => place.path)).toEqual([path]);
  });
});

describe("documents in types that aren't in the table", () => {
  test.each([
    ["a list of statements", { statements: [allow("*", "*"), allow("sqs:SendMessage", "*")] }, "statements"],
    ["one statement", { statement: allow("*", "*") }, "statement"],
    ["a document", { policy: WIDE }, "policy"],
    ["a document as JSON text", { policy: JSON.stringify(WIDE, null, 2) }, "policy"],
    [
      "a document with one statement that isn't in a list",
      { policy: { Version: "2012-10-17", Statement: allow("*", "*") } },
      "policy",
    ],
    [
      "documents in lists of objects",
      { policies: [{ name: "a", policyDocument: WIDE }] },
      "policies[0].policyDocument",
    ],
    ["statements by function", { functions: { read: { statements: [allow("*", "*")] } } }, "functions.read.statements"],
    ["statements as JSON text", { statements: JSON.stringify([allow("*", "*")]) }, "statements"],
  ])("are found: %s", (_, props, path) => {
    expect(rulesIn("acme:index:Service", props)).toContain(`wildcard-action at ${path}`);
  });

  test("are classified by their principals", () => {
    const kinds = documentsOf("aws-native:iam:Role", {
      assumeRolePolicyDocument: policy(trust({ Service: "lambda.amazonaws.com" })),
      policies: [{ policyName: "a", policyDocument: WIDE }],
      queuePolicy: policy({ ...trust("*"), Action: "sqs:SendMessage", Resource: "*" }),
    }).map(({ path, kind }) => [path, kind]);
    expect(kinds).toEqual([
      ["assumeRolePolicyDocument", "trust"],
      ["policies[0].policyDocument", "identity"],
      ["queuePolicy", "resource"],
    ]);
  });

  test("are checked even if ARNs aren't known yet", () => {
    const props = {
      statements: [
        { ...allow("dynamodb:*", "*"), Resource: UNKNOWN },
        { Effect: "Allow", Action: "sqs:Send*", Resource: [UNKNOWN] },
      ],
    };
    expect(rulesIn("acme:index:Service", props)).toEqual(
      new Set(["wildcard-action at statements", "partial-wildcard-action at statements"]),
    );
  });

  test.each([
    ["text that contains the word Statement", { content: 'Statement of accounts: {"Effect": 1}' }],
    ["JSON that contains the word Statement", { content: '{"text":"a \\"Statement\\" of accounts"}' }],
    [
      "JSON with Statements that aren't IAM's",
      {
        policy:
          '{"Name":"a","Version":"2021-06-01","Statement":[{"DataDirection":"Inbound","Principal":["*"],"Operation":{"Deny":{}}}]}',
      },
    ],
    ["a rule with an Effect and no Action", { rules: [{ Effect: "Allow", Ports: [80] }] }],
    ["values that aren't known yet", { statements: UNKNOWN, list: [UNKNOWN] }],
    ["empty values", { a: null, b: undefined, c: "", d: [], e: {} }],
  ])("aren't found in %s", (_, props) => {
    expect(documentsOf("acme:index:Service", props)).toEqual([]);
  });

  test("aren't looked for in values nested more deeply than any real component's properties", () => {
    const deep = Array.from({ length: 10_000 }).reduce<object>((within) => ({ within }), WIDE);
    expect(documentsOf("acme:index:Service", { deep })).toEqual([]);
  });
});

describe("no rule reports a document that limits permissions and grants nothing", () => {
  test.each([
    [
      "of an endpoint, with its required Principal",
      "aws:ec2/vpcEndpoint:VpcEndpoint",
      {
        policy: policy({
          ...trust("*"),
          Action: "dynamodb:GetItem",
          Resource: `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders`,
        }),
      },
    ],
    [
      "of an organization's resources",
      "aws:organizations/policy:Policy",
      {
        type: "RESOURCE_CONTROL_POLICY",
        content: policy({
          ...deny("s3:*", "*"),
          Principal: "*",
          Condition: { BoolIfExists: { "aws:SecureTransport": "false" } },
        }),
      },
    ],
    [
      "of an organization's tags, which isn't an IAM document",
      "aws:organizations/policy:Policy",
      { type: "TAG_POLICY", content: '{"tags":{"team":{"tag_key":{"@@assign":"Team"}}}}' },
    ],
    ["of the session of a Transfer user", "aws:transfer/user:User", { policy: policy(allow("s3:GetObject", "*")) }],
    [
      "of the session of a Transfer group",
      "aws:transfer/access:Access",
      { policy: policy(allow("s3:GetObject", "*")) },
    ],
    [
      "of the session of a pod",
      "aws:eks/podIdentityAssociation:PodIdentityAssociation",
      { policy: policy(allow("s3:GetObject", "*")) },
    ],
    ["of a boundary, recognized by its name", "aws:iam/policy:Policy", { name: "app-boundary", policy: WIDE }],
  ])("such as that %s", (_, type, props) => {
    expect([...rulesIn(type, props)]).toEqual([]);
  });
});

describe("nothing is reported for a key that delegates to its account:", () => {
  test.each([
    "aws:kms/key:Key",
    "aws:kms/keyPolicy:KeyPolicy",
    "aws:kms/replicaKey:ReplicaKey",
    "aws:kms/externalKey:ExternalKey",
    "aws:kms/replicaExternalKey:ReplicaExternalKey",
  ])("%s", (type) => {
    expect([...rulesIn(type, { policy: KEY_POLICY })]).toEqual([]);
  });
});

test("a document that IAM would reject is reported with its path", () => {
  expect(rulesIn("aws:iam/rolePolicy:RolePolicy", { policy: "{" })).toEqual(new Set([`${MALFORMED} at policy`]));
});
