import { evaluate } from "@serverless-chat/iam";
import { trustOf } from "../../access.ts";
import type { Draft } from "../../draft.ts";
import { unpack } from "../../functions/archive.ts";
import type { Code } from "../../functions/code.ts";
import { roleOf } from "../iam/roleOf.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";
import { queueTargetOf } from "./queueTarget.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }, place: Place): Made {
  const functionName = inputs.name ?? name;
  const arn = place.arnOf("lambda", `function:${functionName}`);
  return {
    id: functionName,
    name: functionName,
    arn,
    invokeArn: `arn:aws:apigateway:${place.region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
    qualifiedArn: `${arn}:$LATEST`,
    version: "$LATEST",
  };
}

export async function serve({ id, inputs }: Resource, draft: Draft): Promise<void> {
  const role = roleOf(draft, inputs.role);
  const trusted = evaluate(
    { action: "sts:AssumeRole", resource: role.arn, principal: { Service: "lambda.amazonaws.com" } },
    { resource: [trustOf(role)] },
  );
  if (!trusted.allowed) {
    throw new Error("InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.");
  }
  if (inputs.runtime !== undefined && !/^nodejs/.test(inputs.runtime)) {
    draft.report({
      event: "warning",
      message: `the function ${id} has the runtime ${inputs.runtime}: the local cloud only runs Node.js`,
    });
  }
  const caller = { role, session: id };
  const deadLetterTarget = queueTargetOf(draft, caller, inputs.deadLetterConfig?.targetArn);
  draft.addFunction({
    settings: {
      name: id,
      handler: inputs.handler ?? "",
      memoryMb: inputs.memorySize ?? 128,
      timeoutSeconds: inputs.timeout ?? 3,
      folder: await unpack(codeOf(id, inputs, draft), draft.assetFolder),
      arn: draft.arnOf("lambda", `function:${id}`),
      runtime: inputs.runtime ?? "",
      logGroup: inputs.loggingConfig?.logGroup ?? `/aws/lambda/${id}`,
    },
    caller,
    variables: inputs.environment?.variables ?? {},
    ...(inputs.reservedConcurrentExecutions >= 0 ? { reservedConcurrency: inputs.reservedConcurrentExecutions } : {}),
    ...(deadLetterTarget === undefined ? {} : { deadLetterTarget }),
  });
}

/** @throws Error if the program's bucket doesn't contain the code's object */
function codeOf(id: string, { code, s3Bucket, s3Key, imageUri }: Inputs, draft: Draft): Code {
  if (code !== undefined) return code;
  const bucket = draft.buckets.get(s3Bucket ?? "");
  if (bucket === undefined) {
    const from =
      imageUri === undefined ? `the bucket ${s3Bucket}, which the program does not create` : "a container image";
    const message = `the code of the function ${id} is in ${from}: the local cloud cannot read it, so every invocation of the function fails`;
    draft.report({ event: "warning", message });
    return { assets: {} };
  }
  const object = bucket.objects.get(s3Key);
  if (object !== undefined) return { zip: object.body };
  throw new Error(
    `InvalidParameterValueException: Error occurred while GetObject. S3 Error Code: NoSuchKey, for ${s3Key}`,
  );
}
