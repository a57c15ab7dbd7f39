/**
 * Who speaks. The one place that says so: it reads what the authorizer found in the token when the connection was
 * opened, and nothing else. What a frame says of its sender, its time or its place does not count.
 */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { User } from "../protocol/responses";
import { dynamodb } from "./dynamodb";
import type { Resource } from "./resource";

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

/** Tells whether a caller's token still holds: the one that opened the connection, or one that has refreshed it. */
export function whileTokenHolds(table: Resource<"GetItem">): (caller: Caller) => Promise<boolean> {
  return async (caller) => caller.tokenExpiresAt > Date.now() || (await refreshedTokenHolds(table, caller));
}

async function refreshedTokenHolds(table: Resource<"GetItem">, caller: Caller): Promise<boolean> {
  const { Item } = await dynamodb.send(
    new GetCommand({ TableName: table, Key: { pk: `CONN#${caller.connectionId}`, sk: "#" }, ConsistentRead: true }),
  );
  return Item !== undefined && (Item.tokenExpiresAt as number) > Date.now();
}
