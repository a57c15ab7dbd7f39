/** Users of a mobile app: a user pool, an identity pool, and roles for signed-in users and guests. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const pool = new aws.cognito.IdentityPool("app", { identityPoolName: "app", allowUnauthenticatedIdentities: true });

function roleOf(name: string, amr: string, audience: pulumi.Input<string> | undefined): aws.iam.Role {
  return new aws.iam.Role(name, {
    name,
    assumeRolePolicy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: "cognito-identity.amazonaws.com" },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            ...(audience === undefined ? {} : { StringEquals: { "cognito-identity.amazonaws.com:aud": audience } }),
            "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": amr },
          },
        },
      ],
    }),
  });
}

const user = roleOf("user", "authenticated", pool.id);
// This admits guests of every identity pool in every account.
const guest = roleOf("guest", "unauthenticated", undefined);

new aws.iam.RolePolicy("user", {
  role: user.name,
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
        Resource: "arn:aws:dynamodb:eu-central-1:123456789012:table/app-notes",
        Condition: {
          "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["${cognito-identity.amazonaws.com:sub}"] },
        },
      },
      {
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject"],
        Resource: "arn:aws:s3:::app-uploads/${cognito-identity.amazonaws.com:sub}/*",
      },
    ],
  },
});
new aws.iam.RolePolicy("guest", {
  role: guest.name,
  policy: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::app-public/*" },
      // A Scan has no leading keys, so the condition holds for every Scan.
      {
        Effect: "Allow",
        Action: ["dynamodb:Query", "dynamodb:Scan"],
        Resource: "arn:aws:dynamodb:eu-central-1:123456789012:table/app-scores",
        Condition: {
          "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["${cognito-identity.amazonaws.com:sub}"] },
        },
      },
    ],
  },
});
