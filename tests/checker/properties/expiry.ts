import { START } from "../virtualClock.ts";
import { type Facts, isAppend } from "./facts.ts";

/** After its last token has expired, a connection gets no posts, and its requests are refused. */
export function* expiry({ history }: Facts): Generator<string> {
  /** Expiry by connection. A newer token counts as soon as it is sent. */
  const ends = new Map<string, number>();
  const isExpired = (connection: string, at: number) => at > (ends.get(connection) ?? Number.POSITIVE_INFINITY);
  const invoked = new Map(history.all("invoked").map((one) => [one.invocation, one]));
  /** Posts that have begun: the SDK may repeat one after the expiry. */
  const begun = new Set<string>();
  for (const happening of history.happenings) {
    const { kind, at } = happening;
    if (kind === "connection" && happening.state === "open") {
      ends.set(happening.connection, happening.expiresAt - START);
    } else if (kind === "frame out" && happening.frame?.action === "refreshToken") {
      const { connection, frame } = happening;
      ends.set(connection, Math.max(ends.get(connection) ?? 0, frame.token.expiresAt - START));
    } else if (kind === "post" && happening.frame.id === undefined && happening.frame.type !== "bye") {
      // The answer to a frame that arrived in time, and a bye, may come later.
      const { connection, invocation, frame } = happening;
      const post = `${invocation} ${frame.type} ${frame.room} ${connection}`;
      if (!begun.has(post) && isExpired(connection, at))
        yield `${invocation} posts to ${connection}, whose token has expired`;
      begun.add(post);
    } else if (kind === "returned" && happening.answer === undefined) {
      const { frame, connection = "", at: invokedAt } = invoked.get(happening.invocation) ?? { at: 0 };
      if (isAppend(frame) && isExpired(connection, invokedAt)) {
        yield `${happening.invocation} appends for ${connection}, whose token has expired`;
      }
    }
  }
}
