/** Size limits of frames. */
import { bytesOf } from "./text";

/** Maximum number of UTF-8 bytes in a frame: API Gateway's limit minus a margin. */
export const MAX_FRAME_BYTES = 32_000;

/** Bytes reserved for the rest of an answer besides its content: its type and an id of maximum length, escaped. */
const ANSWER_BYTES = 512;

/**
 * The number of leading items that fit into one frame.
 *
 * @param frame the frame without the items, and without `id` and `type` if it is an answer
 * @param items the items in order; undefined for one that the frame leaves out
 */
export function fitting(frame: object, items: (object | undefined)[]): number {
  let left = MAX_FRAME_BYTES - ANSWER_BYTES - bytesOf(JSON.stringify(frame));
  const tooMuch = items.findIndex((item) => {
    left -= item === undefined ? 0 : bytesOf(JSON.stringify(item)) + 1;
    return left < 0;
  });
  return tooMuch === -1 ? items.length : tooMuch;
}
