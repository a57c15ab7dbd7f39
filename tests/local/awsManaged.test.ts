/** Tests what the local copies of AWS's managed policies allow. */
import { evaluate } from "@serverless-chat/iam";
import { expect, it } from "vitest";
import { awsManagedPolicy } from "../../local/resources/iam/awsManaged.ts";

const allows = (name: string, action: string) => {
  const policy = awsManagedPolicy(`arn:aws:iam::aws:policy/${name}`);
  return policy && evaluate({ action, resource: "arn:aws:s3:::pictures/a.png" }, { identity: [policy] }).allowed;
};

it.each([
  ["AWSLambdaExecute", "s3:PutObject", true],
  ["AWSLambdaExecute", "s3:DeleteObject", false],
  ["AWSLambdaInvocation-DynamoDB", "dynamodb:GetRecords", true],
  ["AWSLambdaInvocation-DynamoDB", "dynamodb:PutItem", false],
  ["AmazonS3FullAccess", "s3:DeleteObject", true],
  ["AmazonBraketFullAccess", "s3:GetObject", undefined],
])("%s allows %s: %s", (name, action, expected) => {
  expect(allows(name, action)).toBe(expected);
});
