import type { Facts } from "./facts.ts";

/** Errors that the library must never cause, whatever happens to it. */
const MISTAKES = new Set([
  "BAD_JSON",
  "BAD_REQUEST",
  "UNKNOWN_ACTION",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "NOT_FOUND",
  "ID_CONFLICT",
  "TOO_LARGE",
]);

/** A function answers INTERNAL, or fails, only if a fault leaves it no choice. */
export function* errors(facts: Facts): Generator<string> {
  const { history, outcome } = facts;
  for (const { invocation, answer, excuse } of history.all("returned")) {
    if (answer?.code === "INTERNAL" && excuse === undefined) yield `${invocation} answers INTERNAL for no reason`;
  }
  for (const { invocation, why, excuse } of history.all("failed")) {
    if (excuse === undefined) yield `${invocation} fails for no reason: ${why}`;
  }
  const members = new Set(outcome.plan.members.map(({ client }) => client));
  for (const { client, frame, at } of history.all("frame in")) {
    // Authors may learn from this error that somebody else, or their other device, deleted the message.
    if (frame.code === "NOT_FOUND" && facts.isAboutDeleted(client, frame.id, at)) continue;
    if (members.has(client) && MISTAKES.has(frame.code))
      yield `the library of ${client} gets ${frame.code}: ${frame.message}`;
  }
  for (const { client, room, code } of history.all("error")) yield `${client} cannot read ${room}: ${code}`;
  for (const { error } of history.all("unhandled")) yield `nothing catches ${error}`;
}
