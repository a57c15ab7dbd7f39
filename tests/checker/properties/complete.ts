import type { Facts } from "./facts.ts";

/**
 * The guarantee "Nothing missed for long", and liveness: once faults stop, each message is acknowledged or given up,
 * and each client that follows a room has all of its entries, including one sent 5 s ago.
 */
export function* complete(facts: Facts): Generator<string> {
  const { history, outcome } = facts;
  const left = new Set(history.all("unfollowed").map(({ view }) => view));
  for (const { client, view, room, after } of history.all("followed")) {
    if (left.has(view)) continue;
    const shown = history.all("entries").flatMap((one) => (one.view === view ? one.entries : []));
    const has = new Set(shown.map(({ seq }) => seq));
    const from = after ?? (shown[0]?.seq ?? 1) - 1;
    const missing = [...facts.log(room).values()].filter(
      ({ seq, kind }) => seq > from && kind !== "void" && !has.has(seq),
    );
    if (missing.length > 0)
      yield `${client} lacks ${missing.map(({ seq, id }) => `${seq} (${id})`).join(", ")} of ${room}`;
  }
  for (const client of outcome.unsettled) yield `${client} has not caught up long after the last fault`;
  for (const id of outcome.unsent) yield `${id} is neither acknowledged nor given up`;
  for (const room of outcome.unread) yield `a new client cannot read ${room} within 5 s`;
  for (const { view, head } of history.all("reset")) yield `${view} restarts at ${head} although nothing was lost`;
}
