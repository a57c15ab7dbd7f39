import { type Facts, isAppend } from "./facts.ts";

const LONGEST_RETRY_MS = 23 * 3_600_000;

/** Guarantee 2: 23 h after a message's first attempt, the library stops resending it and leaves that to the user. */
export function* patience({ history, outcome }: Facts): Generator<string> {
  const members = new Set(outcome.plan.members.map(({ client }) => client));
  const first = new Map<string, number>();
  for (const { at, client, frame } of history.all("frame out")) {
    if (!members.has(client) || !isAppend(frame)) continue;
    const name = `${client} ${frame.id}`;
    const since = first.get(name) ?? at;
    first.set(name, since);
    if (at - since > LONGEST_RETRY_MS)
      yield `${client} sends ${frame.id} again after ${((at - since) / 3_600_000).toFixed(1)} h`;
  }
}
