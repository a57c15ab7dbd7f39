/** Logs of many accounts in a stream and a search domain, and alarms through a topic. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const organization = { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } };

const destination = new aws.cloudwatch.LogDestination("central", {
  name: "central",
  roleArn: "arn:aws:iam::123456789012:role/log-delivery",
  targetArn: "arn:aws:kinesis:eu-central-1:123456789012:stream/logs",
});
new aws.cloudwatch.LogDestinationPolicy("central", {
  destinationName: destination.name,
  accessPolicy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: "*",
        Action: "logs:PutSubscriptionFilter",
        Resource: "arn:aws:logs:eu-central-1:123456789012:destination:central",
        Condition: organization,
      },
    ],
  }),
});

new aws.opensearch.Domain("logs", {
  domainName: "logs",
  accessPolicies: JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: "es:ESHttp*",
        Resource: "arn:aws:es:eu-central-1:123456789012:domain/logs/*",
        // Requests come from public addresses, so the condition never holds.
        Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } },
      },
    ],
  }),
});

const alarms = new aws.sns.Topic("alarms", { name: "alarms" });
new aws.sns.TopicPolicy("alarms", {
  arn: alarms.arn,
  policy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: alarms.arn,
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
      { Effect: "Allow", Principal: { AWS: "*" }, Action: "sns:Subscribe", Resource: alarms.arn },
    ],
  }),
});

// The permissions of an agent that runs on every instance.
new aws.iam.Policy("agent", {
  name: "agent",
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["cloudwatch:PutMetricData", "ec2:DescribeTags", "ec2:DescribeVolumes"],
        Resource: "*",
      },
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        Resource: "arn:aws:logs:eu-central-1:123456789012:log-group:/instances/*:*",
      },
    ],
  },
});
