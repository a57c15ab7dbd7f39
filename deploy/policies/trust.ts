/** Trust policies: the identities that may assume a role. */
import { GITHUB, githubProviderArn, type Target } from "../target.ts";
import { type Document, document } from "./document.ts";

/** Trusts the repository's workflows that run for pull requests, or those that run in one GitHub environment. */
export function trustInWorkflow(target: Target, runsFor: "pull_request" | `environment:${string}`): Document {
  return document({
    Sid: "GitHub",
    Effect: "Allow",
    Principal: { Federated: githubProviderArn(target) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        [`${GITHUB}:aud`]: "sts.amazonaws.com",
        [`${GITHUB}:sub`]: `repo:${target.repository}:${runsFor}`,
      },
    },
  });
}

export function trustInService(service: string): Document {
  return document({ Sid: "Service", Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" });
}
