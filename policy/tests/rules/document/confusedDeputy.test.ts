import { confusedDeputy } from "../../../rules/document/confusedDeputy.ts";
import { ACCOUNT, policy, trust } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const QUEUE = { kind: "resource", service: "sqs", account: ACCOUNT } as const;
const FIX = { Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } } };
const service = (principal: unknown, condition?: object) => ({
  Effect: "Allow",
  Principal: { Service: principal },
  Action: "sqs:SendMessage",
  Resource: `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`,
  ...(condition === undefined ? {} : { Condition: condition }),
});

describeDocumentRule(confusedDeputy, {
  context: QUEUE,
  bad: [
    {
      name: "a topic of any account",
      document: policy(service("sns.amazonaws.com")),
      statement: 0,
      message: "another account's resources can make sns.amazonaws.com do this, since no condition names your account",
      fix: FIX,
    },
    {
      name: "a service in China, in unusual case, as JSON text",
      document: JSON.stringify(policy(service("Events.amazonaws.com.cn"))),
      statement: 0,
      message: "Events.amazonaws.com.cn",
      fix: FIX,
    },
    {
      name: "two services, of which only one sends its source",
      document: policy(service(["apidestinations.events.amazonaws.com", "s3.amazonaws.com"])),
      statement: 0,
      message: "another account's resources can make s3.amazonaws.com do this, since no condition names your account",
      fix: FIX,
    },
    {
      name: "a source of any account",
      document: policy(service("sns.amazonaws.com", { ArnLike: { "aws:SourceArn": "arn:aws:sns:*:*:*" } })),
      statement: 0,
      message: "sns.amazonaws.com",
      fix: FIX,
    },
    {
      name: "an account, but with IfExists",
      document: policy(service("sns.amazonaws.com", { StringEqualsIfExists: { "aws:SourceAccount": ACCOUNT } })),
      statement: 0,
      message: "sns.amazonaws.com",
      fix: FIX,
    },
    {
      name: "a role for tasks, in an unknown account",
      context: { kind: "trust" },
      document: policy(trust({ Service: "ecs-tasks.amazonaws.com" })),
      statement: 0,
      message: "ecs-tasks",
      fix: { Condition: { StringEquals: { "aws:SourceAccount": "ACCOUNT" } } },
    },
    {
      name: "a service's name with a Region",
      context: { kind: "resource", service: "kms", account: ACCOUNT },
      document: policy({ ...service("logs.eu-central-1.amazonaws.com"), Action: "kms:Decrypt", Resource: "*" }),
      statement: 0,
      message: "logs.eu-central-1",
      fix: FIX,
    },
  ],
  good: [
    {
      name: "a source in the account",
      document: policy(
        service("sns.amazonaws.com", { ArnEquals: { "AWS:SourceArn": `arn:aws:sns:eu-central-1:${ACCOUNT}:orders` } }),
      ),
    },
    {
      name: "topics of the account with a name prefix",
      document: policy(
        service("sns.amazonaws.com", { ArnLike: { "aws:SourceArn": `arn:aws-us-gov:sns:*:${ACCOUNT}:orders-*` } }),
      ),
    },
    {
      name: "a service that never sends its source",
      context: { kind: "trust", account: ACCOUNT },
      document: policy(trust({ Service: "lambda.amazonaws.com" })),
    },
    {
      name: "a role for EC2 instances",
      context: { kind: "trust", account: ACCOUNT },
      document: policy(trust({ Service: ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"] })),
    },
    {
      name: "EventBridge as a topic's publisher, for which the topic's policy can't have conditions",
      context: { kind: "resource", service: "sns", account: ACCOUNT },
      document: policy({
        ...service("events.amazonaws.com"),
        Action: "sns:Publish",
        Resource: `arn:aws:sns:eu-central-1:${ACCOUNT}:orders`,
      }),
    },
    { name: "a Deny", document: policy({ ...service("sns.amazonaws.com"), Effect: "Deny" }) },
  ],
});
