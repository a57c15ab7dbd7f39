/** One flooding person, in a separate process. */
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { count, type Tally, toOutcome } from "../tally.ts";
import { type Flood, floodFrame } from "./frames.ts";

export interface FloodOrder {
  url: string;
  token: string;
  action: Flood;
  /** Number of clients. Each sends while it is connected, and otherwise keeps trying to connect. */
  clients: number;
  /** Frames per second, across all clients. */
  rate: number;
  seconds: number;
}

/** Pause after a refused handshake or a closed connection before the next attempt. */
const KNOCK_MS = 500;

/** A socket with this many buffered bytes gets no more frames until the server has read some. */
const MAX_BUFFERED_BYTES = 64 * 1_024;

/** Floods without waiting for answers. @returns the number of frames sent, and of each outcome */
export async function flood({ url, token, action, clients, rate, seconds }: FloodOrder): Promise<Tally> {
  const tally: Tally = {};
  const open: WebSocket[] = [];
  const started = performance.now();
  const until = started + seconds * 1_000;
  const knock = () => {
    if (performance.now() >= until) return;
    const socket = new WebSocket(url, ["chat.v1", `bearer.${token}`]);
    let isOver = false;
    const end = (outcome: string) => {
      if (isOver) return;
      isOver = true;
      count(tally, outcome);
      if (open.includes(socket)) open.splice(open.indexOf(socket), 1);
      setTimeout(knock, KNOCK_MS);
    };
    socket.on("open", () => open.push(socket));
    socket.on("message", (data) => {
      const frame = JSON.parse(data.toString());
      if (frame.type !== "event" && frame.type !== "presence") count(tally, toOutcome(frame));
    });
    socket.on("unexpected-response", (request, { statusCode }) => {
      end(`handshake ${statusCode}`);
      request.destroy();
    });
    socket.on("error", () => end("handshake failed"));
    socket.on("close", () => end("closed"));
  };
  for (let i = 0; i < clients; i++) knock();
  let [due, sent, last] = [0, 0, started];
  while (last < until) {
    await sleep(10);
    const now = performance.now();
    // Frames that are due while no connection is open are dropped, not sent later.
    due = open.length === 0 ? 0 : Math.min(rate, due + (rate * (now - last)) / 1_000);
    last = now;
    for (let full = 0; due >= 1 && full < open.length; ) {
      const socket = open.shift() as WebSocket;
      open.push(socket);
      if (socket.readyState !== socket.OPEN || socket.bufferedAmount > MAX_BUFFERED_BYTES) {
        full += 1;
        continue;
      }
      socket.send(floodFrame(action, `f${++sent}`));
      due -= 1;
      full = 0;
    }
  }
  for (const socket of open) socket.terminate();
  return { sent, ...tally };
}
