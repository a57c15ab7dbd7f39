import type { Credentials } from "../identity/sessions.ts";
import type { FunctionSettings } from "./protocol.ts";

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
export function runtimeVariables(
  { name, memoryMb, logGroup, folder, handler, runtime }: FunctionSettings,
  at: { region: string; endpoint: string; credentials: Credentials; logStream: string },
): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: at.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: at.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: at.credentials.sessionToken,
    AWS_ENDPOINT_URL: at.endpoint,
    AWS_REGION: at.region,
    AWS_DEFAULT_REGION: at.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: at.logStream,
    LAMBDA_TASK_ROOT: folder,
    TZ: ":UTC",
    _HANDLER: handler,
  };
}
