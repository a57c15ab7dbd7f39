/** Servers on loopback whose sockets a test handles itself, and requests to them. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { exchange, type HttpRequest } from "../../chat/http/exchange.ts";
import type { HttpResponse } from "../../chat/http/response.ts";

/** A request as it arrived. */
export interface Arrived {
  /** Its bytes, as latin1. */
  text: string;
  socket: Socket;
  /** The number of the socket, counted from 1. */
  socketNumber: number;
}

export interface RawServer {
  port: number;
  url: string;
  /** The requests so far. */
  arrived: Arrived[];
  sockets: Socket[];
}

export const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** Listens until the test has finished. */
export async function listen(server: Server, sockets: Set<Socket> = new Set()): Promise<number> {
  server.on("connection", (socket: Socket) => sockets.add(socket));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Starts a server that calls `handle` with each request once it is complete. By default, it answers with OK. */
export async function startRaw(
  handle: (request: Arrived, count: number) => void = ({ socket }) => socket.write(OK),
): Promise<RawServer> {
  const arrived: Arrived[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    const socketNumber = sockets.push(socket);
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      const [head = "", length = Number.NaN] = /^.*?\r\n\r\n/s.exec(text) ?? [];
      const size = head.length + Number(/content-length: (\d+)/.exec(head)?.[1] ?? length);
      if (!(text.length >= size)) return;
      const request = { text: text.slice(0, size), socket, socketNumber };
      text = text.slice(size);
      handle(request, arrived.push(request));
    });
  });
  const port = await listen(server);
  return { port, url: `http://127.0.0.1:${port}`, arrived, sockets };
}

/** Sends a request to a server on loopback. */
export function ask(port: number, more: Partial<HttpRequest> = {}, deadlineMs?: number): Promise<HttpResponse> {
  const request = { protocol: "http:", hostname: "127.0.0.1", port, method: "POST", path: "/", latin1: "" };
  return exchange({ ...request, headers: { host: "test" }, ...more }, deadlineMs);
}

export const bodyOf = async (response: Promise<HttpResponse>) => (await response).body.toString("latin1");

/** The error that a request fails with. */
export async function failureOf(response: Promise<unknown>): Promise<NodeJS.ErrnoException> {
  return response.then(
    () => {
      throw new Error("the request didn't fail");
    },
    (error) => error,
  );
}
