/** The parts of the cloud that a WebSocket API needs. */
import type { PolicyDocument } from "@serverless-chat/iam";
import type { Access } from "../access.ts";
import type { FailureDetails } from "../functions/failure.ts";
import type { Reporter } from "../report.ts";

/** A function that an API can invoke. */
export interface InvocableFunction {
  readonly settings: { readonly name: string; readonly arn: string };
  /** The function's resource policy, one document for each `lambda.Permission`. */
  readonly permissions: ReadonlyMap<string, PolicyDocument>;
  /** @returns the function's result, or `{errorType, errorMessage}` if it failed, as JSON */
  invoke(
    payload: string,
    requestId?: string,
    sender?: string,
  ): Promise<{ payload: string; failed: boolean; details?: FailureDetails }>;
}

export interface GatewayBackend {
  readonly access: Pick<Access, "sessions" | "refusal" | "roleRefusal" | "serviceMayInvoke">;
  readonly report: Reporter;
  /** Functions by name. */
  readonly functions: ReadonlyMap<string, InvocableFunction>;
  /** Whether the program is still running for the first time. Requests are then answered with 503. */
  readonly starting: boolean;
  arnOf(service: string, resource: string): string;
}
