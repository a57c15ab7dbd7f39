/**
 * Who speaks. The one place that says so: it reads what the authorizer found in the token when the connection was
 * opened, and nothing else. What a frame says of its sender, its time or its place does not count.
 */
import type { User } from "../../protocol/entries";
import { connectionOf } from "../connections/connections";
import type { Resource } from "../resource";
import { membershipOf } from "../rooms/members";

/** What API Gateway hands over with each event of a connection; the authorizer's values come as text. */
export interface IdentifiedRequest {
  connectionId: string;
  authorizer?: Record<string, unknown>;
}

export interface Caller {
  connectionId: string;
  user: User;
  /** Of the token that opened the connection, in milliseconds since 1970; a later one stands on the connection. */
  tokenExpiresAt: number;
}

/** @throws Error for a request that no authorizer has seen: such a route must not be */
export function userOf({ connectionId, authorizer }: IdentifiedRequest): Caller {
  const { principalId, name, tokenExpiresAt } = authorizer ?? {};
  if (typeof principalId !== "string" || typeof name !== "string") throw new Error("the request has no authorizer");
  return { connectionId, user: { id: principalId, name }, tokenExpiresAt: Number(tokenExpiresAt) };
}

/** Why a caller may not go on; undefined for who may. */
export type Admission<Request> = (
  caller: Caller,
  request: Request,
) => Promise<"TOKEN_EXPIRED" | "NOT_A_MEMBER" | "FORBIDDEN" | undefined>;

/** Admits whoever's token still holds: the one that opened the connection, or one that has refreshed it. */
export function whileTokenHolds(table: Resource<"GetItem">): Admission<unknown> {
  return async ({ connectionId, tokenExpiresAt }) => {
    if (tokenExpiresAt > Date.now()) return undefined;
    const connection = await connectionOf(table, connectionId);
    return connection !== undefined && connection.tokenExpiresAt > Date.now() ? undefined : "TOKEN_EXPIRED";
  };
}

/** Admits members of the request's room while their token holds, for writing only those who may; one row says it all. */
export function asMember(table: Resource<"GetItem">, wants: "read" | "write" = "read"): Admission<{ room: string }> {
  return async ({ connectionId }, { room }) => {
    const membership = await membershipOf(table, connectionId, room);
    if (membership === undefined) return "NOT_A_MEMBER";
    if (membership.tokenExpiresAt <= Date.now()) return "TOKEN_EXPIRED";
    return wants === "write" && membership.readOnly ? "FORBIDDEN" : undefined;
  };
}
