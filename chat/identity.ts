/** Who speaks. */
import type { User } from "../protocol/responses";

export interface Caller {
  connectionId: string;
  user: User;
}

/** The caller of a request, as API Gateway knows it; nothing that a frame says about it counts. */
export function callerOf(requestContext: { connectionId: string }): Caller {
  const { connectionId } = requestContext;
  return { connectionId, user: { id: connectionId, name: `guest-${connectionId.slice(0, 4)}` } };
}
