import { type Facts, keyOf } from "./facts.ts";

/**
 * The guarantee "In the sender's order": a room has a client's messages in the order of its `send()` calls, except for
 * messages that the client gave up on with NOT_CONFIRMED, because their fate is unknown. A message that failed with any
 * other code isn't in the room, unless the code is CLOSED.
 */
export function* sendOrder(facts: Facts): Generator<string> {
  const places = new Map<string, number>();
  for (const [room, log] of facts.logs) {
    for (const { seq, kind, user, id } of log.values())
      if (kind !== "void") places.set(keyOf({ user: user.id, room, id }), seq);
  }
  const givenUp = new Map(
    facts.history.all("given up").map(({ client, room, id, code }) => [`${client} ${room} ${id}`, code]),
  );
  const last = new Map<string, { id: string; seq: number }>();
  for (const { client, user, room, id } of facts.history.all("called")) {
    const seq = places.get(keyOf({ user, room, id }));
    if (seq === undefined) continue;
    const code = givenUp.get(`${client} ${room} ${id}`);
    if (code === "NOT_CONFIRMED") continue;
    if (code !== undefined && code !== "CLOSED")
      yield `${client} was told that ${id} failed with ${code}, but it is at position ${seq} of ${room}`;
    const before = last.get(`${client} ${room}`);
    if (before !== undefined && before.seq > seq)
      yield `${client} sent ${before.id} before ${id}, but their positions in ${room} are ${before.seq} and ${seq}`;
    last.set(`${client} ${room}`, { id, seq });
  }
}
