import type { Socket } from "node:net";
import type { WebSocket } from "ws";

/**
 * Reads a server's frames in parallel with the client. https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 *
 * @returns the payload size of each frame, in order; the array grows as frames arrive
 */
export function frameSizes(socket: WebSocket): number[] {
  const sizes: number[] = [];
  let unread: Buffer = Buffer.alloc(0);
  const read = (data: Buffer) => {
    unread = Buffer.concat([unread, data]);
    for (;;) {
      const frame = frameAt(unread);
      if (frame === undefined || unread.length < frame.end) return;
      sizes.push(frame.size);
      unread = unread.subarray(frame.end);
    }
  };
  socket.once("upgrade", (response) => (response.socket as Socket).on("data", read));
  return sizes;
}

/**
 * Payload size and end of the first frame; undefined until its header is complete. A server's frames aren't masked: two
 * bytes, an optional longer length, then the payload.
 */
function frameAt(data: Buffer): { size: number; end: number } | undefined {
  if (data.length < 2) return undefined;
  const short = data.readUInt8(1) & 0x7f;
  const header = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (data.length < header) return undefined;
  const size = short === 127 ? Number(data.readBigUInt64BE(2)) : short === 126 ? data.readUInt16BE(2) : short;
  return { size, end: header + size };
}
