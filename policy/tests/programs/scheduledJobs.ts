/** Schedules that start state machines and builds. */
import * as aws from "@pulumi/aws";

function roleFor(
  name: string,
  service: string,
  statements: aws.iam.PolicyStatement[],
  condition?: object,
): aws.iam.Role {
  const role = new aws.iam.Role(name, {
    name,
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: service },
          Action: "sts:AssumeRole",
          ...(condition && { Condition: condition }),
        },
      ],
    }),
  });
  new aws.iam.RolePolicy(name, { role: role.name, policy: { Version: "2012-10-17", Statement: statements } });
  return role;
}

const NIGHTLY = "arn:aws:states:eu-central-1:123456789012:stateMachine:nightly";
const own = { StringEquals: { "aws:SourceAccount": "123456789012" } };

const workflow = roleFor(
  "nightly",
  "states.amazonaws.com",
  [
    {
      Effect: "Allow",
      Action: "ecs:RunTask",
      Resource: "arn:aws:ecs:eu-central-1:123456789012:task-definition/report:*",
    },
    // Tasks can get any role in the account.
    { Effect: "Allow", Action: "iam:PassRole", Resource: "*" },
  ],
  own,
);
new aws.sfn.StateMachine("nightly", { name: "nightly", roleArn: workflow.arn, definition: "{}" });

const schedule = roleFor(
  "schedule",
  "scheduler.amazonaws.com",
  [{ Effect: "Allow", Action: "states:StartExecution", Resource: NIGHTLY }],
  own,
);
new aws.scheduler.Schedule("nightly", {
  flexibleTimeWindow: { mode: "OFF" },
  scheduleExpression: "cron(0 3 * * ? *)",
  target: { arn: NIGHTLY, roleArn: schedule.arn },
});

// This role's trust policy has no condition on the source, and the role can change its own permissions.
roleFor("build", "codebuild.amazonaws.com", [
  { Effect: "Allow", Action: "iam:PutRolePolicy", Resource: "arn:aws:iam::123456789012:role/build" },
  {
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/codebuild/build:*",
  },
]);
