import { type Facts, isAppend } from "./facts.ts";

/**
 * Behind guarantee 5: who joins a room is told of each entry by the head in the answer, or by a post that is at least
 * begun. An entry that is neither would be missed until the next ping, with nothing having gone wrong.
 */
export function* joining(facts: Facts): Generator<string> {
  const { joins, fanOuts, removals } = collect(facts);
  for (const { connection, room, head, invokedAt, at } of joins) {
    for (const { room: of, seq, posted, endedAt, readAt, invocation } of fanOuts) {
      // Whoever joined after it was over saw it below the head; who joined before it read the members was among them.
      if (of !== room || seq <= head || posted.has(connection)) continue;
      const isRemoved = removals.some(
        (one) => one.connection === connection && one.room === room && one.at >= invokedAt && one.at <= endedAt,
      );
      if (!isRemoved && readAt < at)
        yield `${connection} joined ${room} with head ${head}, and ${invocation} did not post ${seq} to it`;
    }
  }
}

function collect({ history }: Facts) {
  const invoked = new Map(history.all("invoked").map((one) => [one.invocation, one]));
  const joins: { connection: string; room: string; head: number; invokedAt: number; at: number }[] = [];
  const fanOuts: {
    invocation: string;
    room: string;
    seq: number;
    posted: Set<string>;
    readAt: number;
    endedAt: number;
  }[] = [];
  const posts = new Map<string, { room: string; seq: number; to: Set<string> }>();
  const readAt = new Map<string, number>();
  const handedOver = new Set(history.all("handed over").map(({ invocation }) => invocation));
  for (const happening of history.happenings) {
    if (happening.kind === "members read") {
      readAt.set(happening.invocation, happening.at);
    } else if (happening.kind === "post" && happening.frame.type === "event") {
      const { invocation, frame, connection } = happening;
      const known = posts.get(invocation) ?? { room: frame.room, seq: frame.entries[0].seq, to: new Set() };
      known.to.add(connection);
      posts.set(invocation, known);
    } else if (happening.kind === "returned") {
      const { invocation, answer, excuse, at } = happening;
      const { connection = "", at: invokedAt = 0, frame } = invoked.get(invocation) ?? {};
      if (answer?.type === "ready") {
        for (const [room, head] of Object.entries(answer.heads as Record<string, number>))
          joins.push({ connection, room, head, invokedAt, at });
      } else if (answer?.type === "ack" && answer.page !== undefined) {
        joins.push({ connection, room: frame.room ?? "lobby", head: answer.page.head, invokedAt, at });
      }
      const sent = posts.get(invocation);
      // Of a large room others post to a part of the members, and that may be lost.
      if (sent !== undefined && excuse === undefined && isAppend(frame) && !handedOver.has(invocation)) {
        fanOuts.push({
          invocation,
          room: sent.room,
          seq: sent.seq,
          posted: sent.to,
          readAt: readAt.get(invocation) ?? 0,
          endedAt: at,
        });
      }
    }
  }
  const removals = history.all("member").filter(({ is }) => !is);
  return { joins, fanOuts, removals };
}
