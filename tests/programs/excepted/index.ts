import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { accept } from "@serverless-chat/policy/accept";

const config = new pulumi.Config();
const accepted = {
  rule: config.get("rule") ?? "wildcard-action",
  reason: config.get("reason") ?? "until the queue has its own role",
  until: config.get("until") ?? "2999-12-31",
};

const QUEUE = "arn:aws:sqs:eu-central-1:123456789012:partners";
const everything = { Effect: "Allow" as const, Action: "sqs:*", Resource: QUEUE };
const sending = { ...everything, Action: "sqs:SendMessage" };

function grant(name: string, statement: aws.iam.PolicyStatement, opts?: pulumi.CustomResourceOptions): void {
  new aws.iam.RolePolicy(name, { role: "app", policy: { Version: "2012-10-17", Statement: [statement] } }, opts);
}

class Inbox extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("team:index:Inbox", name, {}, opts);
    grant(name, everything, { parent: this });
  }
}

grant("partners", config.getBoolean("fixed") ? sending : everything, accept(accepted));
if (config.getBoolean("inComponent")) new Inbox("inbox", accept(accepted));
if (config.getBoolean("another")) grant("another", everything);
