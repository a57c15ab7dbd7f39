/** A program with a few resources, for tests that run it many times. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Workspace } from "./workspace.ts";

/** A program that names all of its resources, some of which must be created after others. */
const PROGRAM = `
import * as aws from "@pulumi/aws";

const assumeRolePolicy = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
};
const policy = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-central-1:123456789012:chat-dev-queue" },
  ],
};

const role = new aws.iam.Role("role", { name: "chat-dev-role", forceDetachPolicies: true, assumeRolePolicy: JSON.stringify(assumeRolePolicy) });
new aws.iam.RolePolicy("policy", { name: "own", role: role.name, policy: JSON.stringify(policy) });
const queue = new aws.sqs.Queue("queue", { name: "chat-dev-queue" });
new aws.cloudwatch.LogGroup("logs", { name: queue.name.apply((name) => "/aws/lambda/" + name) });
new aws.dynamodb.Table("table", {
  name: role.name.apply((name) => name + "-table"),
  billingMode: "PAY_PER_REQUEST",
  hashKey: "pk",
  attributes: [{ name: "pk", type: "S" }],
});
`;

/** A workspace whose program has five resources. */
export async function smallWorkspace(): Promise<Workspace> {
  const workspace = await Workspace.make({ savesEachStep: true });
  await writeFile(join(workspace.folder, "index.ts"), PROGRAM);
  return workspace;
}
