import { describe, expect, test } from "vitest";
import { locationOf } from "../resources/location.ts";
import { UNKNOWN } from "../resources/unknown.ts";
import { type Registered, registered, role } from "./resources.ts";
import { ACCOUNT, allow, OTHER, policy, trust } from "./statements.ts";

const accountOf = (...resources: Registered[]) => locationOf(resources.map(registered)).account;
const table = (account: string) => `arn:aws:dynamodb:eu-central-1:${account}:table/orders`;
const holding = (props: Record<string, unknown>): Registered => ({ type: "aws:iam/policy:Policy", name: "p", props });

describe("the stack's account", () => {
  test.each([
    ["an ARN", { tableArn: table(ACCOUNT) }],
    ["an ARN of another partition", { arn: `arn:aws-us-gov:sqs:us-gov-west-1:${ACCOUNT}:orders` }],
    ["a document as an object", { policy: policy(allow("dynamodb:GetItem", table(ACCOUNT))) }],
    ["a document as JSON text", { policy: `\n${JSON.stringify(policy(allow("dynamodb:GetItem", table(ACCOUNT))))}` }],
    ["a list of objects", { targets: [{ arn: table(ACCOUNT) }] }],
    ["an ARN next to an unknown one", { a: UNKNOWN, b: [UNKNOWN, table(ACCOUNT)] }],
  ])("is found in %s", (_, props) => {
    expect(accountOf(holding(props))).toBe(ACCOUNT);
  });

  test("is the one that most ARNs belong to", () => {
    const props = { a: table(OTHER), b: table(ACCOUNT), c: table(ACCOUNT) };
    expect(accountOf(holding(props))).toBe(ACCOUNT);
    expect(
      accountOf(holding({ a: table(OTHER) }), holding({ a: table(ACCOUNT) }), holding({ a: table(ACCOUNT) })),
    ).toBe(ACCOUNT);
  });

  test("isn't taken from properties that name other accounts", () => {
    const document = policy({
      ...trust({ AWS: `arn:aws:iam::${OTHER}:root` }),
      Condition: { ArnEquals: { "aws:SourceArn": table(OTHER) } },
    });
    const props = { assumeRolePolicy: JSON.stringify(document), permissionsBoundary: `arn:aws:iam::${OTHER}:policy/b` };
    expect(accountOf(role("app", props))).toBeUndefined();
    expect(
      accountOf({ type: "aws:lambda/permission:Permission", name: "p", props: { sourceArn: table(OTHER) } }),
    ).toBeUndefined();
  });

  test.each([
    ["AWS's own policies", { policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
    ["ARNs without an account", { bucket: "arn:aws:s3:::orders" }],
    ["ARNs within a string", { description: `see ${table(ACCOUNT)}` }],
    ["text that only begins like JSON", { policy: "{ no" }],
    ["wildcards", { arn: "arn:aws:sqs:*:*:orders" }],
    ["nothing", {}],
  ])("isn't known from %s", (_, props) => {
    expect(accountOf(holding(props))).toBeUndefined();
  });

  test("isn't looked for in values nested more deeply than any real document", () => {
    const deep = Array.from({ length: 10_000 }).reduce<object>((within) => ({ within }), { arn: table(ACCOUNT) });
    expect(accountOf(holding({ deep }))).toBeUndefined();
  });
});
