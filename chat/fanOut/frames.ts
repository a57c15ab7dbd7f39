import type { Entry } from "../../protocol/entries";
import { fitting } from "../../protocol/frameSize";
import type { EventFrame } from "../../protocol/responses";
import { type EncodedFrame, encodeFrame } from "../connections/connectionsApi";

/** A room's entries, in order, in the smallest number of frames. */
export function framesOf(room: string, entries: Entry[]): EncodedFrame[] {
  const frames: EncodedFrame[] = [];
  for (let from = 0; from < entries.length; ) {
    const rest = entries.slice(from);
    // An entry that is too large to share a frame gets its own.
    const count = Math.max(1, fitting({ type: "event", room, entries: [] }, rest));
    frames.push(encodeFrame({ type: "event", room, entries: rest.slice(0, count) } satisfies EventFrame));
    from += count;
  }
  return frames;
}
