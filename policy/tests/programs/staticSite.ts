/** A website in a bucket behind CloudFront, and its deployment by GitHub Actions. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const site = new aws.s3.Bucket("site", { bucket: "www-example-com" });
const logs = new aws.s3.Bucket("logs", { bucket: "www-example-com-logs" });
const access = new aws.cloudfront.OriginAccessControl("site", {
  originAccessControlOriginType: "s3",
  signingBehavior: "always",
  signingProtocol: "sigv4",
});
const cdn = new aws.cloudfront.Distribution("cdn", {
  enabled: true,
  origins: [{ originId: "site", domainName: site.bucketRegionalDomainName, originAccessControlId: access.id }],
  defaultCacheBehavior: {
    targetOriginId: "site",
    viewerProtocolPolicy: "redirect-to-https",
    allowedMethods: ["GET", "HEAD"],
    cachedMethods: ["GET", "HEAD"],
  },
  restrictions: { geoRestriction: { restrictionType: "none" } },
  viewerCertificate: { cloudfrontDefaultCertificate: true },
});

new aws.s3.BucketPolicy("site", {
  bucket: site.bucket,
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Action: "s3:GetObject",
        Resource: pulumi.interpolate`${site.arn}/*`,
        Condition: { StringEquals: { "AWS:SourceArn": cdn.arn } },
      },
    ],
  },
});
// The server access logs of any account can be written here.
new aws.s3.BucketPolicy("logs", {
  bucket: logs.bucket,
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "logging.s3.amazonaws.com" },
        Action: "s3:PutObject",
        Resource: pulumi.interpolate`${logs.arn}/*`,
      },
    ],
  },
});

const github = new aws.iam.OpenIdConnectProvider("github", {
  url: "https://token.actions.githubusercontent.com",
  clientIdLists: ["sts.amazonaws.com"],
});
const deploy = new aws.iam.Role("deploy", {
  name: "site-deploy",
  assumeRolePolicy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: github.arn },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:example/www:ref:refs/heads/main",
          },
        },
      },
    ],
  },
});
new aws.iam.RolePolicy("deploy", {
  role: deploy.name,
  policy: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "s3:ListBucket", Resource: site.arn },
      { Effect: "Allow", Action: ["s3:PutObject", "s3:DeleteObject"], Resource: pulumi.interpolate`${site.arn}/*` },
      { Effect: "Allow", Action: "cloudfront:CreateInvalidation", Resource: cdn.arn },
    ],
  },
});
