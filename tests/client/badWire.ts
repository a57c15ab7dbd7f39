import { WebSocket } from "ws";
import type { Socket } from "../../client/index.ts";
import type { Frame } from "../webSocketClient.ts";

export interface Wire {
  WebSocket: new (url: string, protocols: string[]) => Socket;
  /** All sockets created, in order. */
  sockets: WebSocket[];
}

/** How a wire treats frames. By default it carries all of them. */
export interface Faults {
  /** Whether to drop this frame, which the server sent. */
  loses?: (frame: Frame) => boolean;
  /** Whether to break the wire before it carries this frame, in either direction, so that the frame is lost. */
  breaks?: (frame: Frame, direction: "to server" | "to client") => boolean;
}

/** Returns a WebSocket class whose connections are real, but have simulated faults. */
export function badWire({ loses = () => false, breaks = () => false }: Faults): Wire {
  const sockets: WebSocket[] = [];
  class BadSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }

    override send(data: string): void {
      if (breaks(JSON.parse(data), "to server")) this.terminate();
      else super.send(data);
    }

    override emit(event: string, ...args: unknown[]): boolean {
      if (event !== "message") return super.emit(event, ...args);
      const frame = JSON.parse(String(args[0]));
      if (this.readyState !== WebSocket.OPEN || loses(frame)) return false;
      if (!breaks(frame, "to client")) return super.emit(event, ...args);
      this.terminate();
      return false;
    }
  }
  return { WebSocket: BadSocket as unknown as Wire["WebSocket"], sockets };
}
