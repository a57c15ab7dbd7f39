import { parsePolicy } from "@serverless-chat/iam";
import type { Draft } from "../../draft.ts";
import { functionNameOf } from "../../gateway/invoke.ts";
import type { Inputs, Made, Resource } from "../model.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }): Made {
  const statementId = inputs.statementId ?? name;
  return { id: statementId, statementId };
}

/** Adds the statement that Lambda would write into the function's resource policy. */
export function serve({ id, inputs }: Resource, draft: Draft): void {
  const { action, principal, sourceArn, sourceAccount } = inputs;
  const lambda = draft.functions.get(functionNameOf(inputs.function));
  if (lambda === undefined) throw new Error(`ResourceNotFoundException: Function not found: ${inputs.function}`);
  const conditions = {
    ...(sourceArn === undefined ? {} : { ArnLike: { "aws:SourceArn": sourceArn } }),
    ...(sourceAccount === undefined ? {} : { StringEquals: { "aws:SourceAccount": sourceAccount } }),
  };
  lambda.permissions.set(
    id,
    parsePolicy({
      Version: "2012-10-17",
      Statement: {
        Sid: id,
        Effect: "Allow",
        Action: action,
        Principal: /\.amazonaws\.com$/.test(principal) ? { Service: principal } : { AWS: principal },
        Resource: lambda.settings.arn,
        ...(Object.keys(conditions).length > 0 ? { Condition: conditions } : {}),
      },
    }),
  );
}
