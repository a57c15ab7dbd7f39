import type { Facts } from "./facts.ts";

/** An answer this slow may arrive after its request was given up and another one was scheduled. */
const LATE_MS = 3_000;

/**
 * The library doesn't request a newer token long before the last one expires, whatever its clock says, unless the
 * server has refused a frame for an expired token.
 */
export function* refreshing({ history, outcome }: Facts): Generator<string> {
  const members = new Set(outcome.plan.members.map(({ client }) => client));
  /** Time before which there is no reason for a refresh, by connection. */
  const tooEarly = new Map<string, number>();
  const askedAt = new Map<string, number>();
  /** Time of API Gateway's last own error, by connection. It may be about a refresh, because it names no request. */
  const failedAt = new Map<string, number>();
  /** A frame may arrive twice; the first time counts. */
  const frames = new Set<string>();
  for (const happening of history.happenings) {
    if (happening.kind === "frame in" && members.has(happening.client)) {
      const { connection, frame, at } = happening;
      const isLate = at - (askedAt.get(connection) ?? at) > LATE_MS;
      const isRepeated = frames.has(`${connection} ${JSON.stringify(frame)}`);
      frames.add(`${connection} ${JSON.stringify(frame)}`);
      if (frame.type === undefined) failedAt.set(connection, at);
      const mayHaveFailed = (failedAt.get(connection) ?? -1) >= (askedAt.get(connection) ?? 0);
      if (frame.expiresInMs > 0 && !isLate && !isRepeated && !mayHaveFailed)
        tooEarly.set(connection, at + frame.expiresInMs / 4);
      else if (frame.type === "error" && frame.code === "TOKEN_EXPIRED") tooEarly.delete(connection);
    } else if (happening.kind === "frame out" && happening.frame?.action === "refreshToken") {
      const { client, connection, at } = happening;
      const leftMs = (tooEarly.get(connection) ?? 0) - at;
      askedAt.set(connection, at);
      if (leftMs > 0) yield `${client} refreshes a token ${Math.round(leftMs)} ms before there is a reason to`;
    }
  }
}
