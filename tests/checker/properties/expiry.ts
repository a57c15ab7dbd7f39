import { START } from "../virtualClock.ts";
import { type Facts, isAppend } from "./facts.ts";

/** Past the end of its last token nothing is delivered to a connection, and nothing accepted from it. */
export function* expiry({ history }: Facts): Generator<string> {
  /** By connection; of a newer token from the moment that it is sent. */
  const ends = new Map<string, number>();
  const isExpired = (connection: string, at: number) => at > (ends.get(connection) ?? Number.POSITIVE_INFINITY);
  const invoked = new Map(history.all("invoked").map((one) => [one.invocation, one]));
  /** Posts that were begun: the SDK may make one again. */
  const begun = new Set<string>();
  for (const happening of history.happenings) {
    const { kind, at } = happening;
    if (kind === "connection" && happening.state === "open") {
      ends.set(happening.connection, happening.expiresAt - START);
    } else if (kind === "frame out" && happening.frame?.action === "refreshToken") {
      const { connection, frame } = happening;
      ends.set(connection, Math.max(ends.get(connection) ?? 0, frame.token.expiresAt - START));
    } else if (kind === "post" && happening.frame.id === undefined && happening.frame.type !== "bye") {
      // The answer to a frame that came in time, and a word of farewell, may come later.
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
