import type { User } from "../../protocol/entries";

/** Ids of services begin with it, and no person's does: the authorizer refuses such tokens. */
const PREFIX = "service:";

/** A backend that publishes, as the author of its messages. */
export function serviceUser(name: string): User {
  return { id: `${PREFIX}${name}`, name };
}

/** Tells whether an id can only be a service's. */
export function isService(userId: string): boolean {
  return userId.startsWith(PREFIX);
}
