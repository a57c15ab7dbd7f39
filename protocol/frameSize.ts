/** Size limits of frames. */
import { bytesOf } from "./text";

/** Maximum number of UTF-8 bytes in a frame: API Gateway's limit minus a margin. */
export const MAX_FRAME_BYTES = 32_000;

/** Bytes of an answer in addition to its content: the type and the longest id, escaped. */
const ANSWER_BYTES = 512;

/**
 * The number of leading items that fit into one frame.
 *
 * @param frame the frame without them
 * @param items undefined for items left out of the frame
 */
export function fitting(frame: object, items: (object | undefined)[]): number {
  let left = MAX_FRAME_BYTES - ANSWER_BYTES - bytesOf(JSON.stringify(frame));
  const tooMuch = items.findIndex((item) => {
    left -= item === undefined ? 0 : bytesOf(JSON.stringify(item)) + 1;
    return left < 0;
  });
  return tooMuch === -1 ? items.length : tooMuch;
}
