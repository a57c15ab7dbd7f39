import type { Draft } from "../../draft.ts";
import type { Role } from "../../identity/role.ts";

/** Finds a role by name or ARN. @throws Error with IAM's message if there is no such role */
export function roleOf(draft: Draft, nameOrArn: string): Role {
  const role = draft.roles.get(nameOrArn.split("/").at(-1) ?? "");
  if (role === undefined) throw new Error(`NoSuchEntity: The role with name ${nameOrArn} cannot be found.`);
  return role;
}
