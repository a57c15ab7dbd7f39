/**
 * Identity of a frame's sender. Only this file reads it, from the claims that the authorizer verified when the
 * connection was opened. What a frame itself says about its sender, time or origin is ignored.
 */
import type { User } from "../../protocol/entries";
import { connectionOf } from "../connections/connections";
import { Refusal } from "../refusal";
import type { Resource } from "../resource";
import { membershipOf } from "../rooms/members";

/** API Gateway's context for each event of a connection; the authorizer's values are text. */
export interface IdentifiedRequest {
  connectionId: string;
  authorizer?: Record<string, unknown>;
}

export interface Caller {
  connectionId: string;
  user: User;
  /**
   * Expiry of the token that opened the connection, in milliseconds since 1970. After a refresh, the connection's row
   * contains a later one.
   */
  tokenExpiresAt: number;
  /** Whether others know about the connection; undefined if the admission didn't check. */
  isPresent?: boolean;
}

/** @throws Error if the request has no authorizer: a route without one must not exist */
export function userOf({ connectionId, authorizer }: IdentifiedRequest): Caller {
  const { principalId, name, tokenExpiresAt } = authorizer ?? {};
  if (typeof principalId !== "string" || typeof name !== "string") throw new Error("the request has no authorizer");
  return { connectionId, user: { id: principalId, name }, tokenExpiresAt: Number(tokenExpiresAt) };
}

/** Checks whether a caller may make a request. Returns the caller with the details found, or throws a Refusal. */
export type Admission<Request> = (caller: Caller, request: Request) => Promise<Caller>;

/**
 * Admits callers whose token has not expired, whether it is the one that opened the connection or a newer one from a
 * refresh. Throws TOKEN_EXPIRED for other callers.
 */
export function whileTokenHolds(table: Resource<"GetItem">): Admission<unknown> {
  return async (caller) => {
    if (caller.tokenExpiresAt > Date.now()) return caller;
    const connection = await connectionOf(table, caller.connectionId);
    if (connection === undefined || connection.tokenExpiresAt <= Date.now()) throw tokenExpired();
    return caller;
  };
}

/**
 * Admits members of the request's room whose token has not expired; for writing, only those who may write. One row
 * contains all of this information. Throws NOT_A_MEMBER, TOKEN_EXPIRED or FORBIDDEN for other callers.
 */
export function asMember(table: Resource<"GetItem">, wants: "read" | "write" = "read"): Admission<{ room: string }> {
  return async (caller, { room }) => {
    const membership = await membershipOf(table, caller.connectionId, room);
    if (membership === undefined) throw new Refusal("NOT_A_MEMBER", "you are not in this room: join it first");
    if (membership.tokenExpiresAt <= Date.now()) throw tokenExpired();
    if (wants === "write" && membership.readOnly) {
      throw new Refusal("FORBIDDEN", "you can read this room but not write to it");
    }
    return { ...caller, isPresent: membership.present === true };
  };
}

function tokenExpired(): Refusal {
  return new Refusal("TOKEN_EXPIRED", "the token has expired: send a new one with refreshToken");
}
