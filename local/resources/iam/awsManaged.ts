/**
 * AWS managed policies that programs attach, for the services that the local cloud supports. The documents omit actions
 * that no local call needs, and may differ from AWS's current ones, which AWS changes now and then.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
import { type PolicyDocument, parsePolicy } from "@serverless-chat/iam";

const WRITE_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
const READ_STREAMS = [
  "dynamodb:DescribeStream",
  "dynamodb:GetRecords",
  "dynamodb:GetShardIterator",
  "dynamodb:ListStreams",
];
const WRITE_TRACES = [
  "xray:PutTraceSegments",
  "xray:PutTelemetryRecords",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:GetSamplingStatisticSummaries",
];

/** The actions that each policy allows on every resource, by the policy's path and name. */
const ACTIONS: Record<string, string[]> = {
  AdministratorAccess: ["*"],
  AWSLambda_FullAccess: [
    "lambda:*",
    "logs:DescribeLogGroups",
    "cloudformation:DescribeStacks",
    "cloudwatch:GetMetricData",
    "iam:GetRole",
    "iam:ListRoles",
    "states:ListStateMachines",
    "tag:GetResources",
    "xray:GetTraceSummaries",
    "xray:BatchGetTraces",
  ],
  AWSLambda_ReadOnlyAccess: ["lambda:Get*", "lambda:List*", "logs:DescribeLogGroups", "cloudwatch:GetMetricData"],
  "service-role/AWSLambdaBasicExecutionRole": WRITE_LOGS,
  "service-role/AWSLambdaVPCAccessExecutionRole": [
    ...WRITE_LOGS,
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ],
  "service-role/AWSLambdaDynamoDBExecutionRole": [...WRITE_LOGS, ...READ_STREAMS],
  "service-role/AWSLambdaSQSQueueExecutionRole": [
    ...WRITE_LOGS,
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
  ],
  "service-role/AWSLambdaRole": ["lambda:InvokeFunction"],
  AWSLambdaExecute: ["logs:*", "s3:GetObject", "s3:PutObject"],
  "AWSLambdaInvocation-DynamoDB": ["lambda:InvokeFunction", ...READ_STREAMS],
  AmazonDynamoDBFullAccess: ["dynamodb:*", "dax:*", "cloudwatch:GetMetricData", "iam:GetRole", "iam:ListRoles"],
  AmazonDynamoDBFullAccess_v2: ["dynamodb:*", "dax:*", "cloudwatch:GetMetricData", "iam:GetRole", "iam:ListRoles"],
  AmazonDynamoDBReadOnlyAccess: [
    "dynamodb:BatchGetItem",
    "dynamodb:Describe*",
    "dynamodb:List*",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:PartiQLSelect",
  ],
  AmazonS3FullAccess: ["s3:*", "s3-object-lambda:*"],
  AmazonS3ReadOnlyAccess: ["s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"],
  AmazonSQSFullAccess: ["sqs:*"],
  AmazonSQSReadOnlyAccess: ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueues", "sqs:ListQueueTags"],
  AmazonSNSFullAccess: ["sns:*"],
  AmazonSNSReadOnlyAccess: ["sns:GetTopicAttributes", "sns:List*", "sns:CheckIfPhoneNumberIsOptedOut"],
  AmazonKinesisFullAccess: ["kinesis:*"],
  AmazonCognitoPowerUser: ["cognito-identity:*", "cognito-idp:*", "cognito-sync:*", "iam:ListRoles"],
  AmazonAPIGatewayAdministrator: ["apigateway:*"],
  AmazonAPIGatewayInvokeFullAccess: ["execute-api:Invoke", "execute-api:ManageConnections"],
  "service-role/AmazonAPIGatewayPushToCloudWatchLogs": [
    ...WRITE_LOGS,
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:GetLogEvents",
    "logs:FilterLogEvents",
  ],
  CloudWatchLogsFullAccess: ["logs:*", "cloudwatch:GenerateQuery"],
  CloudWatchFullAccess: ["cloudwatch:*", "logs:*", "sns:*", "autoscaling:Describe*", "iam:GetRole"],
  CloudWatchFullAccessV2: ["cloudwatch:*", "logs:*", "sns:CreateTopic", "sns:List*", "sns:Subscribe", "xray:Get*"],
  CloudWatchEventsFullAccess: ["events:*"],
  AmazonEventBridgeFullAccess: ["events:*", "schemas:*", "scheduler:*"],
  AWSXRayDaemonWriteAccess: WRITE_TRACES,
  AWSXrayWriteOnlyAccess: WRITE_TRACES,
  AWSXrayFullAccess: ["xray:*"],
};

const known = new Map(Object.entries(ACTIONS).map(([name, actions]) => [`arn:aws:iam::aws:policy/${name}`, actions]));

/** @returns undefined for an unknown policy */
export function awsManagedPolicy(arn: string): PolicyDocument | undefined {
  const actions = known.get(arn);
  if (actions === undefined) return undefined;
  return parsePolicy({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: actions, Resource: "*" } });
}
