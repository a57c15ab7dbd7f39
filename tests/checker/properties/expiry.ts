import { type Facts, isAppend } from "./facts.ts";

/** Past the end of its last token nothing is delivered to a connection, and nothing accepted from it. */
export function* expiry({ history }: Facts): Generator<string> {
  const start = startOf(history.happenings[0]?.at ?? 0);
  const ends = new Map<string, number>();
  const read = new Map<string, number>();
  const invoked = new Map(history.all("invoked").map((one) => [one.invocation, one]));
  for (const happening of history.happenings) {
    const { kind, at } = happening;
    if (kind === "connection" && happening.state === "open")
      ends.set(happening.connection, happening.expiresAt - start);
    else if (kind === "frame out" && happening.frame?.action === "refreshToken") {
      const { connection, frame } = happening;
      ends.set(connection, Math.max(ends.get(connection) ?? 0, frame.token.expiresAt - start));
    } else if (kind === "members read") read.set(happening.invocation, at);
    else if (kind === "post" && happening.frame.type === "event") {
      const { connection, invocation } = happening;
      if ((read.get(invocation) ?? 0) > (ends.get(connection) ?? Number.POSITIVE_INFINITY))
        yield `${invocation} posts to ${connection}, whose token has expired`;
    } else if (kind === "returned" && happening.answer === undefined) {
      const { frame, connection = "", at: invokedAt } = invoked.get(happening.invocation) ?? { at: 0 };
      if (isAppend(frame) && invokedAt > (ends.get(connection) ?? Number.POSITIVE_INFINITY))
        yield `${happening.invocation} appends for ${connection}, whose token has expired`;
    }
  }
}

function startOf(_: number): number {
  return Date.UTC(2040, 0, 1);
}
