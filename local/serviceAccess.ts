/** Calls that services make without a role, so that the policy of the called resource must allow them. */
import { evaluate, type PolicyDocument } from "@serverless-chat/iam";
import type { Reporter } from "./report.ts";

/** The calling service, and the resource on whose behalf it calls. */
export interface CallingService {
  /** The service's principal, such as `s3.amazonaws.com`. */
  service: string;
  /** ARN of the bucket, the topic or the rule. */
  sourceArn: string;
  accountId: string;
}

/** The called resource. */
export interface CalledResource {
  arn: string;
  /** Kind of the resource, as reports name it, such as `queue`. */
  kind: string;
  policies: PolicyDocument[];
}

/** Decides whether a call is allowed. Reports a refusal with the statement that would allow the call. */
export function serviceMayCall(
  { service, sourceArn, accountId }: CallingService,
  action: string,
  { arn, kind, policies }: CalledResource,
  report: Reporter,
): boolean {
  const decision = evaluate(
    {
      action,
      resource: arn,
      principal: { Service: service },
      context: { "aws:SourceArn": sourceArn, "aws:SourceAccount": accountId },
    },
    { resource: policies },
  );
  if (decision.allowed) return true;
  report({
    event: "denied",
    caller: service,
    action,
    resource: arn,
    why: `because the ${kind}'s policy does not allow it`,
    fix: {
      Effect: "Allow",
      Principal: { Service: service },
      Action: action,
      Resource: arn,
      Condition: { ArnEquals: { "aws:SourceArn": sourceArn } },
    },
    notes: decision.notes,
  });
  return false;
}
