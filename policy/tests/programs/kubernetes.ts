/** An EKS cluster with roles for its nodes and, through IRSA, for three service accounts. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const ISSUER = "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";

function roleOfService(name: string, service: string, policies: string[]): aws.iam.Role {
  const role = new aws.iam.Role(name, {
    name,
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
    },
  });
  for (const policy of policies)
    new aws.iam.RolePolicyAttachment(`${name}-${policy}`, {
      role: role.name,
      policyArn: `arn:aws:iam::aws:policy/${policy}`,
    });
  return role;
}

const cluster = roleOfService("cluster", "eks.amazonaws.com", ["AmazonEKSClusterPolicy"]);
roleOfService("nodes", "ec2.amazonaws.com", [
  "AmazonEKSWorkerNodePolicy",
  "AmazonEC2ContainerRegistryReadOnly",
  "AmazonEKS_CNI_Policy",
]);
new aws.eks.Cluster("cluster", {
  name: "shop",
  roleArn: cluster.arn,
  vpcConfig: { subnetIds: ["subnet-1", "subnet-2"] },
});
const provider = new aws.iam.OpenIdConnectProvider("cluster", {
  url: `https://${ISSUER}`,
  clientIdLists: ["sts.amazonaws.com"],
});

function roleOfServiceAccount(name: string, condition: object, statements: aws.iam.PolicyStatement[]): void {
  const role = new aws.iam.Role(name, {
    name,
    assumeRolePolicy: pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: provider.arn },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: condition,
        },
      ],
    }),
  });
  new aws.iam.RolePolicy(name, { role: role.name, policy: { Version: "2012-10-17", Statement: statements } });
}

const one = (account: string) => ({
  StringEquals: { [`${ISSUER}:aud`]: "sts.amazonaws.com", [`${ISSUER}:sub`]: `system:serviceaccount:${account}` },
});

// This covers all zones of the account, as in the documentation of external-dns.
roleOfServiceAccount("external-dns", one("kube-system:external-dns"), [
  { Effect: "Allow", Action: "route53:ChangeResourceRecordSets", Resource: "arn:aws:route53:::hostedzone/*" },
  { Effect: "Allow", Action: ["route53:ListHostedZones", "route53:ListResourceRecordSets"], Resource: "*" },
]);
// Any pod in any namespace can assume this role.
roleOfServiceAccount("images", { StringLike: { [`${ISSUER}:sub`]: "system:serviceaccount:*:*" } }, [
  { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: "arn:aws:s3:::shop-images/*" },
]);
roleOfServiceAccount("autoscaler", one("kube-system:cluster-autoscaler"), [
  {
    Effect: "Allow",
    Action: [
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeAutoScalingInstances",
      "autoscaling:DescribeLaunchConfigurations",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeLaunchTemplateVersions",
    ],
    Resource: "*",
  },
  {
    Effect: "Allow",
    Action: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
    Resource: "*",
    Condition: { StringEquals: { "aws:ResourceTag/k8s.io/cluster-autoscaler/shop": "owned" } },
  },
]);
