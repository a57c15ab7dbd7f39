import { type Facts, isAppend } from "./facts.ts";

const LONGEST_RETRY_MS = 23 * 3_600_000;

/** Errors that don't tell what became of the request. */
const UNCLEAR = ["INTERNAL", "THROTTLED"];

/**
 * Supports the guarantee "Once": 23 h after a message's first attempt, the library stops resending it and leaves that
 * to the user. If the only attempt so far is refused, the time starts over, because the message is certainly not in the
 * log.
 */
export function* patience({ history, outcome }: Facts): Generator<string> {
  const members = new Set(outcome.plan.members.map(({ client }) => client));
  const attempts = new Map<string, { since: number; count: number }>();
  for (const happening of history.happenings) {
    if (happening.kind !== "frame out" && happening.kind !== "frame in") continue;
    const { at, client, frame } = happening;
    const name = `${client} ${frame?.id}`;
    const { since, count } = attempts.get(name) ?? { since: at, count: 0 };
    if (happening.kind === "frame in") {
      const isRefusal = frame?.type === "error" && !UNCLEAR.includes(frame.code);
      if (isRefusal && count === 1) attempts.delete(name);
    } else if (members.has(client) && isAppend(frame)) {
      attempts.set(name, { since, count: count + 1 });
      if (at - since > LONGEST_RETRY_MS)
        yield `${client} sends ${frame.id} again after ${((at - since) / 3_600_000).toFixed(1)} h`;
    }
  }
}
