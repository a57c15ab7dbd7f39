import type * as aws from "@pulumi/aws";

/** A trust policy that allows this service, and nothing else, to assume the role. */
export function assumableBy(service: string): aws.iam.PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }],
  };
}
