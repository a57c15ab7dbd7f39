/** dynalite's form of a DynamoDB error. */
export interface AwsError extends Error {
  statusCode?: number;
  body?: Record<string, unknown>;
}

/** Creates the DynamoDB error with this name. */
export function awsError(name: string, message: string, details: Record<string, unknown> = {}): AwsError {
  const namespace = name === "ValidationException" ? "com.amazon.coral.validate" : "com.amazonaws.dynamodb.v20120810";
  return Object.assign(new Error(message), {
    statusCode: 400,
    // SDKs read either spelling.
    body: { __type: `${namespace}#${name}`, message, Message: message, ...details },
  });
}
