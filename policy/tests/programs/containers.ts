/** An ECS service on Fargate, with a registry, a secret and a bucket. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const TRUST = {
  Version: "2012-10-17" as const,
  Statement: [
    { Effect: "Allow" as const, Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" },
  ],
};

const repository = new aws.ecr.Repository("web", { name: "web" });
const uploads = new aws.s3.Bucket("uploads", { bucket: "web-uploads" });
const secret = new aws.secretsmanager.Secret("database", { name: "web/database" });

const execution = new aws.iam.Role("execution", { name: "web-execution", assumeRolePolicy: TRUST });
new aws.iam.RolePolicyAttachment("execution", {
  role: execution.name,
  policyArn: "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
});
new aws.iam.RolePolicy("execution-secret", {
  role: execution.name,
  policy: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secret.arn }],
  },
});

const task = new aws.iam.Role("task", { name: "web-task", assumeRolePolicy: TRUST });
new aws.iam.RolePolicy("task", {
  role: task.name,
  policy: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "s3:*", Resource: [uploads.arn, pulumi.interpolate`${uploads.arn}/*`] },
      { Effect: "Allow", Action: ["ses:SendEmail", "ses:SendRawEmail"], Resource: "*" },
    ],
  },
});

new aws.ecr.RepositoryPolicy("web", {
  repository: repository.name,
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Pull",
        Effect: "Allow",
        Principal: "*",
        Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
      },
    ],
  },
});
