import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Resource } from "../resource";

const lambda = new LambdaClient({});

/** Has a function run later, whatever becomes of this one; Lambda retries it and keeps what fails for good. */
export async function invokeAsync(target: Resource<"InvokeFunction">, event: object): Promise<void> {
  const Payload = JSON.stringify(event);
  await lambda.send(new InvokeCommand({ FunctionName: target, InvocationType: "Event", Payload }));
}
