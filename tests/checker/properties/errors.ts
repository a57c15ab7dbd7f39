import type { Facts } from "./facts.ts";

/** Errors that the library must not bring about, whatever happens to it. */
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

/** Nothing fails without a reason: a function answers INTERNAL, or ends, only where a fault leaves it no other way. */
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
    // The author of a change learns that the message was deleted by somebody else or on another device.
    if (frame.code === "NOT_FOUND" && facts.isAboutDeleted(client, frame.id, at)) continue;
    if (members.has(client) && MISTAKES.has(frame.code))
      yield `the library of ${client} gets ${frame.code}: ${frame.message}`;
  }
  for (const { client, room, code } of history.all("error")) yield `${client} cannot read ${room}: ${code}`;
  for (const { error } of history.all("unhandled")) yield `nobody catches ${error}`;
}
