import type { Facts } from "./facts.ts";

/**
 * Once an append has answered, each position that it knows it has claimed is filled, with an entry or as void. A
 * position left open blocks every reader of the room until one of the readers voids it.
 */
export function* tidy({ history }: Facts): Generator<string> {
  const known = new Map<string, string[]>();
  const stored = new Set<string>();
  for (const happening of history.happenings) {
    if (happening.kind === "learned") {
      const { invocation, room, seq } = happening;
      known.set(invocation, [...(known.get(invocation) ?? []), `${seq} of ${room}`]);
    } else if (happening.kind === "stored") {
      stored.add(`${happening.seq} of ${happening.room}`);
    } else if (happening.kind === "returned" && happening.excuse === undefined) {
      for (const position of known.get(happening.invocation) ?? []) {
        if (!stored.has(position))
          yield `${happening.invocation} answers ${happening.answer?.code ?? "an ack"}, but leaves ${position} open`;
      }
    }
  }
}
