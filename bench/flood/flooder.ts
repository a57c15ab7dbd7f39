/** One person who floods, in a process of its own. */
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { count, type Tally, toOutcome } from "../tally.ts";
import { type Flood, floodFrame } from "./frames.ts";

export interface FloodOrder {
  url: string;
  token: string;
  action: Flood;
  /** Each sends while it is connected, and keeps trying to connect while it is not. */
  clients: number;
  /** Frames a second, over all clients. */
  rate: number;
  seconds: number;
}

/** From a handshake that was refused, or a connection that was closed, to the next try. */
const KNOCK_MS = 500;

/** A socket that holds so many bytes is not read as fast as it is written to. */
const MAX_BUFFERED_BYTES = 64 * 1_024;

/** Never waits for an answer. @returns what became of it all */
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
    // What no open connection could take isn't made up for.
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
