import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// Create an AWS resource (S3 Bucket)
const bucket = new aws.s3.Bucket("my-bucket");

const hello = new aws.lambda.CallbackFunction("hello", {
  callback: async () => ({ statusCode: 200, body: "hello" }),
});
const api = new aws.apigatewayv2.Api("hello", { protocolType: "HTTP", target: hello.arn });
new aws.lambda.Permission("hello", {
  action: "lambda:InvokeFunction",
  function: hello.name,
  principal: "apigateway.amazonaws.com",
  sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
});

// Export the name of the bucket
export const bucketName = bucket.id;
export const url = api.apiEndpoint;
