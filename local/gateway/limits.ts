/** Limits of messages and frames. */
import type { WebSocket } from "ws";

export const MAX_FRAME_BYTES = 32 * 1024;
export const MAX_MESSAGE_BYTES = 128 * 1024;

/** The parts of ws's receiver that handle single frames. ws itself limits only whole messages. */
interface Receiver {
  _payloadLength: number;
  _opcode: number;
  _extensions: Record<string, { _maxPayload: number } | undefined>;
  createError(type: typeof Error, message: string, prefix: boolean, closeCode: number, code: string): Error;
  haveLength(done: (error?: Error) => void): void;
}

/** Closes the connection with 1009 when a frame exceeds the limit, whether as sent or after decompression. */
export function limitFrames(socket: WebSocket): void {
  const receiver = (socket as unknown as { _receiver: Receiver })._receiver;
  const haveLength = receiver.haveLength;
  receiver.haveLength = function (done) {
    if (this._opcode < 0x08 && this._payloadLength > MAX_FRAME_BYTES) {
      done(this.createError(RangeError, "Frame size exceeded", false, 1009, "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"));
      return;
    }
    haveLength.call(this, done);
  };
  const deflate = receiver._extensions["permessage-deflate"];
  if (deflate !== undefined) deflate._maxPayload = MAX_FRAME_BYTES;
}
