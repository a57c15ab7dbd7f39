import { UNKNOWN } from "../../../resources/unknown.ts";
import { lambdaPermission } from "../../../rules/resource/lambdaPermission.ts";
import { ACCOUNT, OTHER } from "../../statements.ts";
import { describeResourceRule } from "./describeResourceRule.ts";

const permission = (name: string, props: Record<string, unknown>) => ({
  name,
  type: "aws:lambda/permission:Permission",
  props: { action: "lambda:InvokeFunction", function: "orders", ...props },
});
const url = (name: string, authorizationType: unknown) => ({
  name,
  type: "aws:lambda/functionUrl:FunctionUrl",
  props: { functionName: "orders", authorizationType },
});

describeResourceRule(lambdaPermission, {
  bad: [
    {
      ...permission("a service without a source", { principal: "events.amazonaws.com" }),
      message: "events.amazonaws.com can invoke the function on behalf of any account and resource",
      fix: { sourceArn: "ARN_OF_THE_EVENTS_RESOURCE" },
    },
    {
      ...permission("a service in the China Regions", { principal: "apigateway.amazonaws.com.cn" }),
      message: "apigateway.amazonaws.com.cn can invoke the function on behalf of any account and resource",
    },
    { ...permission("everybody", { principal: "*" }), message: "everyone can invoke the function" },
    {
      ...permission("everyone, through a function URL without authorization", {
        principal: "*",
        principalOrgId: "o-abcdefghij",
        functionUrlAuthType: "NONE",
      }),
      message: "the function URL is open to everyone",
    },
    {
      ...permission("a source that matches everything", { principal: "sns.amazonaws.com", sourceArn: "*" }),
      message: 'sourceArn "*" matches resources of any account',
    },
    {
      ...permission("a topic of any account", {
        principal: "sns.amazonaws.com",
        sourceArn: "arn:aws:sns:eu-central-1:*:orders",
      }),
      message: 'sourceArn "arn:aws:sns:eu-central-1:*:orders" matches resources of any account',
    },
    {
      ...permission("every bucket", { principal: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::*" }),
      message:
        "a bucket's ARN has no account: if the bucket is deleted, another account can create one with its name and",
    },
    { ...permission("everyone, from any source", { principal: "*", sourceArn: "arn:aws:s3:::*" }), message: "" },
    {
      ...url("a function URL without authorization", "NONE"),
      message: "the function URL is open to everyone",
      fix: { authorizationType: "AWS_IAM" },
    },
  ],
  good: [
    permission("one rule", {
      principal: "events.amazonaws.com",
      sourceArn: `arn:aws:events:eu-central-1:${ACCOUNT}:rule/nightly`,
    }),
    permission("one bucket, in one account", {
      principal: "s3.amazonaws.com",
      sourceArn: "arn:aws:s3:::orders",
      sourceAccount: ACCOUNT,
    }),
    permission("every source of one account", { principal: "sns.amazonaws.com", sourceAccount: ACCOUNT }),
    permission("routes of one API", {
      principal: "apigateway.amazonaws.com",
      sourceArn: `arn:aws-us-gov:execute-api:us-gov-west-1:${ACCOUNT}:a1b2c3/*/GET/orders`,
    }),
    permission("a source that isn't known yet", { principal: "sns.amazonaws.com", sourceArn: UNKNOWN }),
    permission("a principal that isn't known yet", { principal: UNKNOWN }),
    permission("a service that sends no source", { principal: "lex.amazonaws.com" }),
    permission("Alexa, by its token", { principal: "alexa-appkit.amazon.com", eventSourceToken: "amzn1.ask.skill.1" }),
    permission("another account's role", { principal: `arn:aws:iam::${OTHER}:role/caller` }),
    permission("an organization", { principal: "*", principalOrgId: "o-abcdefghij" }),
    url("a function URL that requires a signature", "AWS_IAM"),
    url("a function URL whose authorization isn't known yet", UNKNOWN),
  ],
});
