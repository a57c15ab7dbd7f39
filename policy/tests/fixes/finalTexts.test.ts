import { expect, test } from "vitest";
import { checkResource } from "../../checkStack.ts";
import { finalTexts } from "../../fixes/finalTexts.ts";
import { triage } from "../../triage.ts";
import { catalog } from "../catalog.ts";
import { lambda, type Registered, role, stackOf } from "../resources.ts";
import { ACCOUNT, allow, policy } from "../statements.ts";

const CONTEXT = { account: ACCOUNT, region: "eu-central-1" };
const ORDERS = `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders`;

const table: Registered = { type: "aws:dynamodb/table:Table", name: "orders", props: { name: "orders" } };
const granting = (name: string, ...statements: object[]): Registered => ({
  type: "aws:iam/rolePolicy:RolePolicy",
  name,
  props: { role: "api", policy: JSON.stringify(policy(...statements)) },
});
const wide = granting("api-policy", allow(["dynamodb:*", "sqs:*"], "*"));
const READING = `import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
const client = new DynamoDBClient({});
export const handler = (event) => client.send(new GetItemCommand({ TableName: "orders", Key: { pk: { S: event.id } } }));`;

function textsOf(...registered: Registered[]) {
  const resources = stackOf(registered);
  const findings = resources.flatMap((one) => checkResource(one, CONTEXT, catalog).findings);
  return finalTexts(triage(findings, {}, new Date()), resources, CONTEXT, catalog);
}

test("a policy allows only what its functions' code calls, on the stack's resources", () => {
  const [{ resource, path, text, isByCode } = {}] = textsOf(table, role("api"), wide, lambda("api", "api", READING));
  expect({ name: resource?.name, path, isByCode }).toEqual({ name: "api-policy", path: "policy", isByCode: true });
  expect(text).toEqual(policy(allow(["dynamodb:GetItem"], [ORDERS])));
});

test("a component's list of statements is replaced by a list, not by a whole document", () => {
  const component = { type: "team:index:Worker", name: "worker", props: { statements: [allow(["sqs:*"], "*")] } };
  expect(textsOf(component)[0]?.text).toEqual([allow(["sqs:ACTION"], ["arn:aws:sqs:eu-central-1:111122223333:NAME"])]);
});

test("a policy whose functions' code isn't known keeps placeholders", () => {
  const [{ text, isByCode } = {}] = textsOf(table, role("api"), wide);
  expect(isByCode).toBe(false);
  expect(JSON.stringify(text)).toContain("dynamodb:ACTION");
});

test("a table of the stack replaces a wildcard", () => {
  const reading = granting("reading", allow("dynamodb:GetItem", "*"));
  expect(textsOf(table, role("api"), reading)[0]?.text).toEqual(policy(allow(["dynamodb:GetItem"], [ORDERS])));
});

test("a document with one finding, or with only advice, gets no text of its own", () => {
  const one = granting("one", allow("sqs:SendMessage", "*"));
  const advice = granting("advice", allow("sqs:Get*", `arn:aws:sqs:*:*:orders`));
  expect(textsOf(role("api"), one, advice)).toEqual([]);
});
