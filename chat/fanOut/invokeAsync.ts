/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import type { Resource } from "../resource";
import { bodyOf, sendSigned } from "../signed/request";

const DEADLINE_MS = 3_000;

/**
 * Invokes a function asynchronously. If the function fails, Lambda retries, and finally moves the event to the
 * dead-letter queue.
 *
 * @throws Error if Lambda doesn't accept the event
 */
export async function invokeAsync(target: Resource<"InvokeFunction">, event: object): Promise<void> {
  const status = await sendSigned({
    service: "lambda",
    endpoint: endpoint(),
    method: "POST",
    path: `/2015-03-31/functions/${encodeURIComponent(target)}/invocations`,
    headers: { "x-amz-invocation-type": "Event" },
    body: bodyOf(Buffer.from(JSON.stringify(event))),
    deadlineMs: DEADLINE_MS,
  });
  if (status !== 202) throw new Error(`Lambda answered ${status} to an asynchronous invocation`);
}

/** Lambda's endpoint. As in every AWS SDK, environment variables can replace it, for example to use the local cloud. */
function endpoint(): string {
  const { AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL, AWS_REGION = "" } = process.env;
  const domain = AWS_REGION.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return AWS_ENDPOINT_URL_LAMBDA ?? AWS_ENDPOINT_URL ?? `https://lambda.${AWS_REGION}.${domain}`;
}
