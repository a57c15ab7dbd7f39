import type { Draft } from "../../draft.ts";
import type { Role } from "../../identity/role.ts";

/** The role by its name or ARN. @throws Error as IAM says it when there is none */
export function roleOf(draft: Draft, nameOrArn: string): Role {
  const role = draft.roles.get(nameOrArn.split("/").at(-1) ?? "");
  if (role === undefined) throw new Error(`NoSuchEntity: The role with name ${nameOrArn} cannot be found.`);
  return role;
}
