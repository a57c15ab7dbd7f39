import { randomBytes } from "node:crypto";

/** An id of a connection, request or message: 16 characters of base64url that end in `=`. */
export function newId(): string {
  return `${randomBytes(11).toString("base64url")}=`;
}

/** Whether an id has API Gateway's format. */
export function isConnectionId(id: string): boolean {
  return /^[A-Za-z0-9_-]{15}=$/.test(id);
}
