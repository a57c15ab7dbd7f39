import { type Facts, isAppend } from "./facts.ts";
import { joinsOf, leftOut } from "./joining.ts";

/** Maximum time until an entry is posted: a lease, a hole's grace period, and rounds of slow calls. */
const PUSH_MS = 20_000;

/**
 * A property that posting in rounds must keep: if no invocation fails, every entry is posted, by whichever function, to
 * every member who was in the room before the entry's position was claimed. Without a post, readers would find the
 * entry later.
 */
export function* pushed(facts: Facts): Generator<string> {
  const { history } = facts;
  const mayBeLeftOut = leftOut(facts);
  const joins = joinsOf(facts);
  const failures = failuresIn(facts);
  const posts = history.all("post").filter(({ frame }) => frame.type === "event");
  const last = history.all("returned").at(-1)?.at ?? 0;
  const appends = new Set(
    history.all("invoked").flatMap(({ invocation, frame }) => (isAppend(frame) ? [invocation] : [])),
  );
  for (const { at, invocation, room, seq, was, entry } of history.all("stored")) {
    const endedAt = at + PUSH_MS;
    if (was !== "new" || entry.kind === "void" || !appends.has(invocation) || endedAt > last) continue;
    if (failures.some((failed) => failed >= at - PUSH_MS && failed <= endedAt)) continue;
    const told = new Set(
      posts
        .filter(({ frame }) => frame.room === room && frame.entries.some((one: { seq: number }) => one.seq === seq))
        .map(({ connection }) => connection),
    );
    for (const { connection, room: of, head, invokedAt } of joins) {
      if (of !== room || seq <= head || told.has(connection)) continue;
      if (mayBeLeftOut(connection, room, { invokedAt, begunAt: at - PUSH_MS, endedAt })) continue;
      yield `${connection} joined ${room} with head ${head}, but no function posted ${seq} to it`;
    }
  }
}

/** Start times of invocations that failed or handed work over to others, which may be lost. */
function failuresIn({ history }: Facts): number[] {
  const wentWell = new Set(
    history.all("returned").flatMap(({ invocation, excuse }) => (excuse === undefined ? [invocation] : [])),
  );
  for (const { invocation } of history.all("handed over")) wentWell.delete(invocation);
  return history.all("invoked").flatMap(({ invocation, at }) => (wentWell.has(invocation) ? [] : [at]));
}
