import type * as aws from "@pulumi/aws";

/** A trust policy: this service, and nobody else, may take the role. */
export function assumableBy(service: string): aws.iam.PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }],
  };
}
