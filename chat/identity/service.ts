import type { User } from "../../protocol/entries";

/** Prefix of services' ids. The authorizer refuses tokens of people with such an id. */
const PREFIX = "service:";

/** The user that represents a publishing backend as the author of its messages. */
export function serviceUser(name: string): User {
  return { id: `${PREFIX}${name}`, name };
}

/** Tells whether an id can only belong to a service. */
export function isService(userId: string): boolean {
  return userId.startsWith(PREFIX);
}
