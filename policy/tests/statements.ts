/** Builds documents from the short form of the examples. */

export const ACCOUNT = "111122223333";
/** An account other than the stack's. */
export const OTHER = "444455556666";

type Written = string | string[];

export function policy(...statements: object[]): { Version: string; Statement: object[] } {
  return { Version: "2012-10-17", Statement: statements };
}

/** A statement of an identity policy; `more` can contain a Sid or Condition. */
export function allow(action: Written, resource: Written, more: object = {}): object {
  return { Effect: "Allow", Action: action, Resource: resource, ...more };
}

export function deny(action: Written, resource: Written, more: object = {}): object {
  return { Effect: "Deny", Action: action, Resource: resource, ...more };
}

/** A statement of a trust policy. */
export function trust(principal: unknown, more: object = {}): object {
  return { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...more };
}

export function trustOfWebIdentity(provider: string, condition?: object): object {
  return {
    Effect: "Allow",
    Principal: { Federated: provider },
    Action: "sts:AssumeRoleWithWebIdentity",
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}
