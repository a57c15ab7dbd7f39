/** Tests the permissions that PartiQL needs, through the SDK's own client. */
import { fileURLToPath } from "node:url";
import {
  BatchExecuteStatementCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
} from "@aws-sdk/client-dynamodb";
import { parsePolicy } from "@serverless-chat/iam";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Cloud } from "../../local/cloud.ts";
import { operatorOf } from "../../local/identity/operator.ts";
import { startProgram } from "./startProgram.ts";
import { TestClock } from "./testClock.ts";

let cloud: Cloud;

beforeAll(async () => {
  const folder = fileURLToPath(new URL("../programs/orders", import.meta.url));
  const started = await startProgram(folder, "../../../tsconfig.pulumi.json", new TestClock());
  ({ cloud } = started);
  await started.deployed;
});
afterAll(() => cloud.stop());

/** A client with permission for these actions on the table. */
function clientWith(...Action: string[]): DynamoDBClient {
  const { endpoint, region } = operatorOf(cloud);
  const Resource = cloud.arnOf("dynamodb", "table/orders");
  const policy = parsePolicy({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] });
  const name = `may ${Action.join(" and ")}`;
  const arn = `arn:aws:iam::000000000000:role/${name}`;
  const role = {
    arn,
    name,
    trust: { version: "2012-10-17" as const, statements: [] },
    policies: new Map([["all", policy]]),
  };
  const credentials = cloud.access.sessions.credentialsOf({ role, session: "test" });
  return new DynamoDBClient({ endpoint, region, credentials });
}

const INSERT = "INSERT INTO orders VALUE {'id': ?}";
const SELECT = "SELECT * FROM orders WHERE id = ?";

it("PartiQL works for a role with exactly the permissions for its statements", async () => {
  const client = clientWith("dynamodb:PartiQLInsert", "dynamodb:PartiQLSelect");
  const Parameters = [{ S: "by a statement" }];
  await client.send(new ExecuteStatementCommand({ Statement: INSERT, Parameters }));
  const { Items } = await client.send(new ExecuteStatementCommand({ Statement: SELECT, Parameters }));
  expect(Items).toEqual([{ id: Parameters[0] }]);
  const Statements = [{ Statement: SELECT, Parameters }];
  const batch = await client.send(new BatchExecuteStatementCommand({ Statements }));
  expect(batch.Responses).toEqual([{ TableName: "orders", Item: { id: Parameters[0] } }]);
  const all = await client.send(new ExecuteTransactionCommand({ TransactStatements: Statements }));
  expect(all.Responses).toEqual([{ Item: { id: Parameters[0] } }]);
});

it("PartiQL is refused for a role with other permissions, or with permissions for only part of a batch", async () => {
  const refused = { name: "AccessDeniedException" };
  const [first, second] = [
    { Statement: INSERT, Parameters: [{ S: "x" }] },
    { Statement: "DELETE FROM orders WHERE id = 'x'" },
  ];
  const other = clientWith("dynamodb:PutItem", "dynamodb:PartiQLSelect", "dynamodb:ExecuteStatement");
  await expect(other.send(new ExecuteStatementCommand(first))).rejects.toMatchObject(refused);
  const inserting = clientWith("dynamodb:PartiQLInsert");
  await expect(inserting.send(new BatchExecuteStatementCommand({ Statements: [first, second] }))).rejects.toMatchObject(
    refused,
  );
  await expect(
    inserting.send(new ExecuteTransactionCommand({ TransactStatements: [first, second] })),
  ).rejects.toMatchObject(refused);
  await expect(inserting.send(new ExecuteStatementCommand({ Statement: "DROP TABLE orders" }))).rejects.toMatchObject({
    name: "ValidationException",
  });
});
