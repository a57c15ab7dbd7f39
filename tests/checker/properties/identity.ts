import { nameOf } from "../issuer.ts";
import { type Facts, keyOf } from "./facts.ts";

/** The guarantee "True senders": an entry names its real sender and the server's time. */
export function* identity(facts: Facts): Generator<string> {
  const sent = new Set(facts.attempts.map(keyOf));
  const clients = new Map(
    [...facts.outcome.plan.members, ...facts.outcome.plan.raws].map(({ client, user }) => [client, user]),
  );
  for (const [room, log] of facts.logs) {
    for (const { kind, seq, id, user, sentAt } of log.values()) {
      if (kind === "void") continue;
      // A message without an id gets the invocation's id, which begins with the client's name.
      const isByHand = clients.get(id.split("/")[0]) === user.id;
      if (!isByHand && !sent.has(keyOf({ user: user.id, room, id })))
        yield `${seq} of ${room} is by ${user.id}, who didn't send ${id}`;
      if (user.name !== nameOf(user.id)) yield `${seq} of ${room} has the name ${user.name} for ${user.id}`;
      if (!(sentAt > 1e12)) yield `${seq} of ${room} says it was sent at ${sentAt}`;
    }
  }
}
