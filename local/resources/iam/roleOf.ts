import type { Role } from "../../access.ts";
import type { Cloud } from "../../cloud.ts";

/** The role by its name or ARN. @throws Error as IAM says it when there is none */
export function roleOf(cloud: Cloud, nameOrArn: string): Role {
  const role = cloud.roles.get(nameOrArn.split("/").at(-1) ?? "");
  if (role === undefined) throw new Error(`NoSuchEntity: The role with name ${nameOrArn} cannot be found.`);
  return role;
}
