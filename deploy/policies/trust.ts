/** Trust policies: the identities that may assume a role. */
import { GITHUB, githubProviderArn, type Place } from "../place.ts";
import { type Document, document } from "./document.ts";

/** Trusts workflows of the repository that run for this subject. */
export function trustInWorkflow(place: Place, runsFor: "pull_request" | `environment:${string}`): Document {
  return document({
    Sid: "GitHub",
    Effect: "Allow",
    Principal: { Federated: githubProviderArn(place) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        [`${GITHUB}:aud`]: "sts.amazonaws.com",
        [`${GITHUB}:sub`]: `repo:${place.repository}:${runsFor}`,
      },
    },
  });
}

export function trustInService(service: string): Document {
  return document({ Sid: "Service", Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" });
}
