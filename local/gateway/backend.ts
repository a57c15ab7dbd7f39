/** What a WebSocket API needs of the cloud that it runs in. */
import type { PolicyDocument } from "@serverless-chat/iam";
import type { Access } from "../access.ts";
import type { FailureDetails } from "../functions/failure.ts";
import type { Reporter } from "../report.ts";

/** A function that an API can invoke. */
export interface InvocableFunction {
  readonly settings: { readonly name: string; readonly arn: string };
  /** Its resource policy, one document for each `lambda.Permission`. */
  readonly permissions: ReadonlyMap<string, PolicyDocument>;
  /** @returns the JSON of its result, or of `{errorType, errorMessage}` when it failed */
  invoke(
    payload: string,
    requestId?: string,
    sender?: string,
  ): Promise<{ payload: string; failed: boolean; details?: FailureDetails }>;
}

export interface GatewayBackend {
  readonly access: Pick<Access, "sessions" | "refusal" | "roleRefusal" | "serviceMayInvoke">;
  readonly report: Reporter;
  /** By name. */
  readonly functions: ReadonlyMap<string, InvocableFunction>;
  /** The program is still running for the first time: requests are answered with 503. */
  readonly starting: boolean;
  arnOf(service: string, resource: string): string;
}
