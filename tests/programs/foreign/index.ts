import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

const table = {
  Effect: "Allow" as const,
  Action: "dynamodb:GetItem",
  Resource: "arn:aws:dynamodb:eu-central-1:123456789012:table/orders",
};
const anything = { Effect: "Allow" as const, Action: "dynamodb:*", Resource: "*" };

// AWS generates this API's id, so on a new stack its ARN and the whole policy that contains it are unknown.
const api = new aws.apigatewayv2.Api("api", {
  name: "orders",
  protocolType: "WEBSOCKET",
  routeSelectionExpression: "$request.body.action",
});
const statements: aws.iam.PolicyStatement[] = [
  {
    Effect: "Allow",
    Action: "execute-api:ManageConnections",
    Resource: pulumi.interpolate`${api.executionArn}/dev/POST/@connections/*`,
  },
  config.getBoolean("wide") ? anything : table,
];

class Worker extends pulumi.ComponentResource {
  constructor(name: string, statements: aws.iam.PolicyStatement[]) {
    super("team:index:Worker", name, config.getBoolean("handsOver") ? { statements } : {});
    const role = new aws.iam.Role(
      name,
      {
        name,
        assumeRolePolicy: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
        },
      },
      { parent: this },
    );
    new aws.iam.RolePolicy(
      name,
      { role: role.name, policy: { Version: "2012-10-17", Statement: statements } },
      { parent: this },
    );
  }
}

new Worker("worker", statements);
