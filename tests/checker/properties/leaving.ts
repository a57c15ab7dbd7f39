import { answerOf } from "./answers.ts";
import type { Facts } from "./facts.ts";

/**
 * Once a `leaveRoom` is acknowledged, the room starts no more posts to the connection that left, except for the page of
 * members that a fan-out is working on.
 */
export function* leaving({ history }: Facts): Generator<string> {
  const invoked = new Map(history.all("invoked").map((one) => [one.invocation, one]));
  const returnedAt = new Map<string, number>();
  /** Time at which a connection was last added to a room, by connection and room. */
  const joinedAt = new Map<string, number>();
  /** Times at which a `leaveRoom` was acknowledged and invoked, by connection and room. */
  const left = new Map<string, { at: number; invokedAt: number }>();
  const readAt = new Map<string, number>();
  /** Connections that can't receive posts anymore. */
  const closed = new Set<string>();
  for (const happening of history.happenings) {
    const { kind, at } = happening;
    if (kind === "returned") returnedAt.set(happening.invocation, at);
    const answered = answerOf(happening);
    if (answered !== undefined) {
      const { frame, connection, at: invokedAt = 0 } = invoked.get(answered.invocation) ?? {};
      if (frame?.action !== "leaveRoom" || answered.answer?.type !== "ack") continue;
      const key = `${connection} ${frame.room ?? "lobby"}`;
      // The connection may have rejoined before the ack for leaving. Of two equal answers, the first counts.
      if ((joinedAt.get(key) ?? -1) < invokedAt && left.get(key)?.invokedAt !== invokedAt)
        left.set(key, { at, invokedAt });
    } else if (kind === "member" && happening.is) {
      const key = `${happening.connection} ${happening.room}`;
      // A late write of an invocation that had returned before the leave began isn't a rejoin.
      const isStale =
        (returnedAt.get(happening.invocation) ?? Number.POSITIVE_INFINITY) < (left.get(key)?.invokedAt ?? 0);
      if (isStale) continue;
      joinedAt.set(key, at);
      left.delete(key);
    } else if (kind === "connection") {
      if (happening.state === "closed") closed.add(happening.connection);
    } else if (kind === "members read") {
      readAt.set(happening.invocation, at);
    } else if (kind === "post" && happening.frame.type === "event") {
      const { invocation, connection, frame } = happening;
      const out = left.get(`${connection} ${frame.room}`);
      if (out !== undefined && !closed.has(connection) && (readAt.get(invocation) ?? 0) > out.at)
        yield `${invocation} posts to ${connection}, which has left ${frame.room}`;
    }
  }
}
