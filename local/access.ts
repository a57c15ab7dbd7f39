/** Checks the caller's policies before a call is served, and reports the missing statement if they refuse the call. */
import { type Decision, evaluate, type PolicyDocument } from "@serverless-chat/iam";
import type { Caller, Role } from "./identity/role.ts";
import { Sessions } from "./identity/sessions.ts";
import type { Reporter } from "./report.ts";

/** Reason why a function's resource policy doesn't let a service invoke the function. */
interface ServiceRefusal {
  why: string;
  /** The permission that would allow the invocation. */
  fix: { "aws.lambda.Permission": Record<string, unknown> };
  notes: string[];
}

export class Access {
  readonly sessions = new Sessions();
  readonly #report: Reporter;
  readonly #accountId: string;
  readonly #region: string;
  readonly #roles: ReadonlyMap<string, Role>;

  /** @param roles by name */
  constructor(report: Reporter, accountId: string, region: string, roles: ReadonlyMap<string, Role> = new Map()) {
    this.#report = report;
    this.#roles = roles;
    this.#accountId = accountId;
    this.#region = region;
  }

  /**
   * Decides whether a call is allowed. Reports a refusal with the statement that would allow the call.
   *
   * @param resourcePolicies policies of the called resource, such as a queue
   * @returns undefined if the call is allowed, otherwise AWS's message about the refusal
   */
  refusal(
    caller: Caller,
    action: string,
    resource: string,
    context: Record<string, string | string[]> = {},
    resourcePolicies: PolicyDocument[] = [],
  ): string | undefined {
    const { role, session } = caller;
    const principal = `arn:aws:sts::${this.#accountId}:assumed-role/${role.name}/${session}`;
    const decision = evaluate(
      {
        action,
        resource,
        principal: { AWS: role.arn },
        context: () => ({
          "aws:PrincipalArn": role.arn,
          "aws:PrincipalAccount": this.#accountId,
          "aws:PrincipalType": "AssumedRole",
          "aws:ResourceAccount": this.#accountId,
          "aws:RequestedRegion": this.#region,
          "aws:CurrentTime": new Date().toISOString(),
          "aws:EpochTime": String(Math.floor(Date.now() / 1000)),
          // On AWS, all of these calls use TLS.
          "aws:SecureTransport": "true",
          ...context,
        }),
      },
      {
        identity: [...role.policies.values()],
        resource: resourcePolicies,
        ...(role.boundary === undefined ? {} : { boundary: role.boundary }),
      },
    );
    if (decision.allowed) return undefined;
    this.#report({
      event: "denied",
      caller: principal,
      action,
      resource,
      why: reasonOf(decision),
      fix: { Effect: "Allow", Action: action, Resource: resource },
      notes: decision.notes,
    });
    return `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${reasonOf(decision)}${
      decision.reason === "implicitDeny" ? ` the ${action} action` : ""
    }`;
  }

  /**
   * Decides whether a service may make a call with a role that was passed to it.
   *
   * @returns undefined if the role trusts the service and allows the call, otherwise the reason for the refusal
   */
  roleRefusal(roleArn: string, service: string, action: string, resource: string): string | undefined {
    const role = this.#roles.get(roleArn.split("/").at(-1) ?? "");
    if (role === undefined) return `the role ${roleArn} does not exist`;
    const trusts = evaluate(
      { action: "sts:AssumeRole", resource: role.arn, principal: { Service: service } },
      { resource: [trustOf(role)] },
    ).allowed;
    if (!trusts) {
      const message = `the role ${role.name} does not let ${service} assume it`;
      this.#report({ event: "warning", message });
      return message;
    }
    return this.refusal({ role, session: service.split(".")[0] as string }, action, resource);
  }

  /** Whether a function's resource policy allows a service to invoke it. Reports a refusal. */
  serviceMayInvoke(policy: PolicyDocument[], service: string, functionArn: string, sourceArn: string): boolean {
    const refusal = this.serviceRefusal(policy, service, functionArn, sourceArn);
    if (refusal === undefined) return true;
    this.#report({
      event: "denied",
      caller: service,
      action: "lambda:InvokeFunction",
      resource: functionArn,
      ...refusal,
    });
    return false;
  }

  /** The reason why a service can't invoke a function; undefined if it can. */
  serviceRefusal(
    policy: PolicyDocument[],
    service: string,
    functionArn: string,
    sourceArn: string,
  ): ServiceRefusal | undefined {
    const decision = evaluate(
      {
        action: "lambda:InvokeFunction",
        resource: functionArn,
        principal: { Service: service },
        context: { "aws:SourceArn": sourceArn, "aws:SourceAccount": this.#accountId },
      },
      { resource: policy },
    );
    if (decision.allowed) return undefined;
    return {
      why: "because no lambda.Permission of the function allows it",
      fix: {
        "aws.lambda.Permission": {
          action: "lambda:InvokeFunction",
          function: functionArn.split(":").at(-1),
          principal: service,
          sourceArn,
        },
      },
      notes: decision.notes,
    };
  }
}

/** A role's trust policy, with the resource `*` added: it names no resources itself, because it applies to its role. */
export function trustOf({ trust }: Role): PolicyDocument {
  const resource = { negated: false, patterns: ["*"] };
  return { ...trust, statements: trust.statements.map((statement) => ({ ...statement, resource })) };
}

function reasonOf({ reason }: Decision): string {
  switch (reason) {
    case "explicitDeny":
      return "with an explicit deny in an identity-based policy";
    case "outsideBoundary":
      return "because no permissions boundary allows it";
    default:
      return "because no identity-based policy allows";
  }
}
