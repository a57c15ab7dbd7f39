import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkDocument, MALFORMED } from "../../checkDocument.ts";
import type { DocumentContext } from "../../document/subject.ts";
import { finalDocument } from "../../fixes/finalDocument.ts";
import { catalog } from "../catalog.ts";
import { ACCOUNT, allow, policy, trustOfWebIdentity } from "../statements.ts";

const CONTEXT = { kind: "identity", account: ACCOUNT, region: "eu-central-1" } as const;
const final = (document: unknown, context: DocumentContext = CONTEXT) => finalDocument(document, context, catalog);

test("a statement with several mistakes becomes statements that name actions and resources; good ones stay", () => {
  const good = allow("sqs:SendMessage", `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`);
  const bad = allow(["dynamodb:*", "ssm:GetParam*", "s3:GetObjects", "iam:PassRole", "lambda:CreateFunction"], "*");
  expect(final({ ...policy({ Sid: "Orders", ...bad }, good), Id: "orders" })).toEqual({
    Version: "2012-10-17",
    Id: "orders",
    Statement: [
      {
        Sid: "Orders",
        ...allow(["dynamodb:ACTION"], [`arn:aws:dynamodb:eu-central-1:${ACCOUNT}:NAME`]),
      },
      {
        Sid: "Orders2",
        ...allow(
          ["ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters", "ssm:GetParametersByPath"],
          [`arn:aws:ssm:eu-central-1:${ACCOUNT}:parameter/PARAMETER_NAME_WITHOUT_LEADING_SLASH`],
        ),
      },
      {
        Sid: "Orders3",
        ...allow(
          ["s3:GetObject"],
          [
            `arn:aws:s3:eu-central-1:${ACCOUNT}:accesspoint/ACCESS_POINT_NAME/object/OBJECT_NAME`,
            "arn:aws:s3:::BUCKET_NAME/OBJECT_NAME",
          ],
        ),
      },
      {
        Sid: "Orders4",
        ...allow(["iam:PassRole"], [`arn:aws:iam::${ACCOUNT}:role/ROLE_NAME_WITH_PATH`]),
        Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
      },
      {
        Sid: "Orders5",
        ...allow(["lambda:CreateFunction"], [`arn:aws:lambda:eu-central-1:${ACCOUNT}:function:FUNCTION_NAME`]),
      },
      good,
    ],
  });
});

test("a policy that creates roles and changes their policies gets a condition that requires a boundary", () => {
  expect(final(policy(allow(["iam:CreateRole", "iam:PutRolePolicy"], "*")))).toEqual(
    policy({
      ...allow(["iam:CreateRole", "iam:PutRolePolicy"], [`arn:aws:iam::${ACCOUNT}:role/ROLE_NAME_WITH_PATH`]),
      Condition: { StringEquals: { "iam:PermissionsBoundary": `arn:aws:iam::${ACCOUNT}:policy/BOUNDARY` } },
    }),
  );
});

test("resources and conditions that are narrow stay", () => {
  const orders = `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders`;
  const condition = { StringEquals: { "aws:PrincipalTag/team": ["orders"] } };
  const document = policy({ ...allow(["dynamodb:GetItem", "dynamodb:Pu*Item"], [orders, "*"]), Condition: condition });
  expect(final(document)).toEqual(
    policy({ ...allow(["dynamodb:GetItem", "dynamodb:PutItem"], [orders]), Condition: condition }),
  );
});

test("each statement of a trust policy gets its own fix", () => {
  const host = "gitlab.com";
  const document = policy(
    trustOfWebIdentity(`arn:aws:iam::${ACCOUNT}:oidc-provider/${host}`, { StringEquals: { [`${host}:aud`]: "a" } }),
    { Effect: "Allow", Principal: "*", Action: "sts:*" },
  );
  expect(final(document, { kind: "trust", account: ACCOUNT })).toMatchObject({
    Statement: [
      { Condition: { StringEquals: { [`${host}:aud`]: "a", [`${host}:sub`]: "VALUE" } } },
      { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/NAME` }, Action: ["sts:AssumeRole"] },
    ],
  });
});

test("actions denied elsewhere in the document aren't allowed again", () => {
  const document = policy(allow(["s3:Get*", "sqs:*"], "*"), { Effect: "Deny", Action: "s3:*", Resource: "*" });
  expect(JSON.stringify(final(document))).not.toContain("s3:GetObject");
});

test("a document that IAM would reject has no final text", () => {
  expect(final({ Version: "2012-10-17" })).toBeUndefined();
});

describe("the final texts of the labeled documents", () => {
  interface Labeled extends DocumentContext {
    name: string;
    document: unknown;
  }
  const folder = new URL("../labeled/documents/", import.meta.url);
  /** Documents whose texts keep a finding, because neither an ARN nor a condition can limit one of their actions. */
  const HAVE_NO_NARROW_FORM = [
    "all of S3 in lower and upper case",
    "a boundary in the condition of an action that doesn't support it",
  ];

  test.each(readdirSync(folder))("in %s have no findings except for actions that a person fills in", (file) => {
    const labeled: Labeled[] = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    const left = labeled.flatMap(({ name, document, kind, service, account }) => {
      const context = { kind, ...(service && { service }), ...(account && { account }) };
      const findings = checkDocument(document, context, catalog);
      if (findings.length < 2 || findings.some(({ rule }) => rule === MALFORMED)) return [];
      const text = final(document, context);
      if (text === undefined) return [`${name}: no text`];
      return checkDocument(text, context, catalog)
        .filter(({ message }) => !/"[\w-]+:ACTION" doesn't exist/.test(message))
        .map(({ rule }) => `${name}: ${rule}`);
    });
    expect(left.filter((one) => !HAVE_NO_NARROW_FORM.some((name) => one.startsWith(name)))).toEqual([]);
  });
});
