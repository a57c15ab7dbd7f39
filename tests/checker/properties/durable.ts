import type { Facts } from "./facts.ts";

/** The guarantee "Kept": an ack's entry is stored when the ack leaves the function, and never changes. */
export function* durable(facts: Facts): Generator<string> {
  const storedAt = new Map<string, number>();
  for (const { room, seq, at } of facts.history.all("stored")) {
    const position = `${room} ${seq}`;
    if (!storedAt.has(position)) storedAt.set(position, at);
  }
  for (const { at, room, id, user, seq, sentAt } of facts.acks) {
    const ack = `the ack of ${id} by ${user} in ${room} at ${seq}`;
    if ((storedAt.get(`${room} ${seq}`) ?? Number.POSITIVE_INFINITY) > at)
      yield `${ack} left before the entry was stored`;
    const entry = facts.entry(room, seq);
    if (entry?.id !== id || entry.user?.id !== user)
      yield `${ack} was sent, but at the end there is ${entry?.kind ?? "nothing"} ${entry?.id ?? ""}`;
    else if (entry.sentAt !== sentAt) yield `${ack} says sentAt ${sentAt}, but the entry says ${entry.sentAt}`;
  }
  for (const { client, room, id, seq, sentAt } of facts.history.all("acknowledged")) {
    const entry = facts.entry(room, seq);
    if (entry?.id !== id || entry.sentAt !== sentAt)
      yield `${client} was told that ${id} is at position ${seq} of ${room}, but ${entry?.id ?? "nothing"} is there`;
  }
}
