import { type Answer, answerOf } from "./answers.ts";
import type { Facts } from "./facts.ts";

/**
 * Once a ban is acknowledged, the room starts no more posts to the banned person's connections until somebody invites
 * that person again, except for the page of members that a fan-out is working on.
 */
export function* banning({ history }: Facts): Generator<string> {
  const invoked = new Map(history.all("invoked").map((one) => [one.invocation, one]));
  const userOf = new Map(
    history
      .all("connection")
      .flatMap((one): [string, string][] => (one.state === "open" ? [[one.connection, one.user]] : [])),
  );
  /** Time at which each ban was acknowledged, by person and room. */
  const banned = new Map<string, number>();
  const invitedAt = new Map<string, number>();
  const readAt = new Map<string, number>();
  /** Connections that can't receive posts anymore. */
  const closed = new Set<string>();
  for (const happening of history.happenings) {
    const { kind, at } = happening;
    if (kind === "invoked" && happening.frame?.action === "invite") {
      const key = `${happening.frame.user} ${happening.frame.room}`;
      banned.delete(key);
      invitedAt.set(key, at);
    } else if (answerOf(happening)?.answer?.type === "ack") {
      const { invocation } = answerOf(happening) as Answer;
      const { frame, at: invokedAt = 0 } = invoked.get(invocation) ?? {};
      if (frame?.action !== "ban") continue;
      const key = `${frame.user} ${frame.room}`;
      // An answer may arrive so late that somebody has invited them in the meantime; of two equal answers, the first
      // counts.
      if ((invitedAt.get(key) ?? -1) < invokedAt && !banned.has(key)) banned.set(key, at);
    } else if (kind === "connection") {
      if (happening.state === "closed") closed.add(happening.connection);
    } else if (kind === "members read") {
      readAt.set(happening.invocation, at);
    } else if (kind === "post" && happening.frame.type === "event") {
      const { invocation, connection, frame } = happening;
      const since = banned.get(`${userOf.get(connection)} ${frame.room}`);
      if (since !== undefined && !closed.has(connection) && (readAt.get(invocation) ?? 0) > since)
        yield `${invocation} posts to ${connection}, whose user is banned from ${frame.room}`;
    }
  }
}
