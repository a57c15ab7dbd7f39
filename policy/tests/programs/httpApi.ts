/** An HTTP API with two functions on a table, each with its own role. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const table = new aws.dynamodb.Table("orders", {
  name: "orders",
  hashKey: "pk",
  attributes: [{ name: "pk", type: "S" }],
  billingMode: "PAY_PER_REQUEST",
});
const api = new aws.apigatewayv2.Api("orders", { name: "orders", protocolType: "HTTP" });

function route(name: string, command: string, actions: string[], permission: Partial<aws.lambda.PermissionArgs>): void {
  const role = new aws.iam.Role(name, {
    name,
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    },
  });
  new aws.iam.RolePolicyAttachment(name, {
    role: role.name,
    policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
  });
  new aws.iam.RolePolicy(name, {
    role: role.name,
    policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: table.arn }] },
  });
  const code = `import { DynamoDBClient, ${command} } from "@aws-sdk/client-dynamodb";
const client = new DynamoDBClient({});
export const handler = async (event) => client.send(new ${command}({ TableName: "orders", Key: { pk: { S: event.id } } }));`;
  const lambda = new aws.lambda.Function(name, {
    name,
    role: role.arn,
    runtime: "nodejs24.x",
    handler: "index.handler",
    code: new pulumi.asset.AssetArchive({ "index.mjs": new pulumi.asset.StringAsset(code) }),
  });
  new aws.lambda.Permission(name, {
    action: "lambda:InvokeFunction",
    function: lambda.name,
    principal: "apigateway.amazonaws.com",
    ...permission,
  });
}

route("get-order", "GetItemCommand", ["dynamodb:GetItem"], {
  sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/orders/{id}`,
});
// Any API in any account may invoke this function, and its role may also delete items.
route("put-order", "UpdateItemCommand", ["dynamodb:UpdateItem", "dynamodb:DeleteItem"], {});
