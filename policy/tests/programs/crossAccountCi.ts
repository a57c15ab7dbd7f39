/** Access from outside the account: deployments from a build account and from GitLab, and a vendor's scanner. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const BUILD = "444455556666";
const VENDOR = "777788889999";

function roleFor(name: string, principal: object, action: string, condition?: object): aws.iam.Role {
  return new aws.iam.Role(name, {
    name,
    assumeRolePolicy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: principal, Action: action, ...(condition && { Condition: condition }) },
      ],
    }),
  });
}

// The build account is configured as trusted.
const deploy = roleFor("deploy", { AWS: `arn:aws:iam::${BUILD}:role/pipeline` }, "sts:AssumeRole");
new aws.iam.RolePolicyAttachment("deploy", {
  role: deploy.name,
  policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
});

const gitlab = new aws.iam.OpenIdConnectProvider("gitlab", {
  url: "https://gitlab.com",
  clientIdLists: ["https://gitlab.com"],
});
roleFor("gitlab-main", { Federated: gitlab.arn }, "sts:AssumeRoleWithWebIdentity", {
  StringEquals: {
    "gitlab.com:aud": "https://gitlab.com",
    "gitlab.com:sub": "project_path:example/shop:ref_type:branch:ref:main",
  },
});
// This admits every project of gitlab.com.
roleFor("gitlab-any", { Federated: gitlab.arn }, "sts:AssumeRoleWithWebIdentity", {
  StringEquals: { "gitlab.com:aud": "https://gitlab.com" },
});
// StringEquals takes the asterisk literally, so nobody can assume this role.
roleFor("gitlab-tags", { Federated: gitlab.arn }, "sts:AssumeRoleWithWebIdentity", {
  StringEquals: {
    "gitlab.com:aud": "https://gitlab.com",
    "gitlab.com:sub": "project_path:example/shop:ref_type:tag:ref:v*",
  },
});

roleFor("scanner", { AWS: `arn:aws:iam::${VENDOR}:root` }, "sts:AssumeRole", {
  StringEquals: { "sts:ExternalId": "0d6f0c7e-6d59-4a13-9d5f-9a9a3a1f0a77" },
});
roleFor("old-scanner", { AWS: `arn:aws:iam::${VENDOR}:root` }, "sts:AssumeRole");
