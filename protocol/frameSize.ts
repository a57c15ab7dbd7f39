/** Frames that the gateway can carry. */
import { bytesOf } from "./text";

/** UTF-8 bytes of a frame at most: what API Gateway takes, less some room. */
export const MAX_FRAME_BYTES = 32_000;

/** Bytes of an answer besides its content: the type and the longest id, escaped. */
const ANSWER_BYTES = 512;

/**
 * How many of these items go into one frame, from the first on.
 *
 * @param frame the frame without them
 * @param items undefined for what is left out of the frame
 */
export function fitting(frame: object, items: (object | undefined)[]): number {
  let left = MAX_FRAME_BYTES - ANSWER_BYTES - bytesOf(JSON.stringify(frame));
  const tooMuch = items.findIndex((item) => {
    left -= item === undefined ? 0 : bytesOf(JSON.stringify(item)) + 1;
    return left < 0;
  });
  return tooMuch === -1 ? items.length : tooMuch;
}
