import { answerOf } from "./answers.ts";
import type { Facts } from "./facts.ts";

/**
 * Once leaving is acknowledged no post of the room to that connection is begun, but for the page of members that a
 * fan-out has in hand.
 */
export function* leaving({ history }: Facts): Generator<string> {
  const invoked = new Map(history.all("invoked").map((one) => [one.invocation, one]));
  const returnedAt = new Map<string, number>();
  /** By connection and room, when it was put into it last. */
  const joinedAt = new Map<string, number>();
  /** Since when it is acknowledged that it is out of it. */
  const left = new Map<string, { at: number; invokedAt: number }>();
  const readAt = new Map<string, number>();
  /** Nobody hears what is posted to these. */
  const closed = new Set<string>();
  for (const happening of history.happenings) {
    const { kind, at } = happening;
    if (kind === "returned") returnedAt.set(happening.invocation, at);
    const answered = answerOf(happening);
    if (answered !== undefined) {
      const { frame, connection, at: invokedAt = 0 } = invoked.get(answered.invocation) ?? {};
      if (frame?.action !== "leaveRoom" || answered.answer?.type !== "ack") continue;
      const key = `${connection} ${frame.room ?? "lobby"}`;
      // It may have come back before its leaving was acknowledged; and what is answered twice counts from the first time.
      if ((joinedAt.get(key) ?? -1) < invokedAt && left.get(key)?.invokedAt !== invokedAt)
        left.set(key, { at, invokedAt });
    } else if (kind === "member" && happening.is) {
      const key = `${happening.connection} ${happening.room}`;
      // A write that comes after its own answer, and after the leaving, is no joining.
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
        yield `${invocation} posts to ${connection}, which had left ${frame.room}`;
    }
  }
}
