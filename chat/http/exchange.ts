/**
 * Sends HTTP/1.1 requests. Node's own client takes several times the CPU time for a small request, and small requests
 * are most of what a function does (docs/decisions/light-post.md).
 */
import { SocketClosed } from "./keptSocket";
import type { HttpResponse } from "./response";
import { type Server, Sockets } from "./sockets";

export interface HttpRequest extends Server {
  method: string;
  /** Percent-encoded. */
  path: string;
  /** By name. `content-length` is added. */
  headers: Record<string, string>;
  /** The body, one character per byte. */
  latin1: string;
}

/** Thrown if the deadline passes before the response has arrived. */
export class TimedOut extends Error {
  override name = "TimedOut";
}

/** By a server's URL. */
const socketsTo = new Map<string, Sockets>();

/**
 * Sends a request on a kept-alive socket.
 *
 * @param deadlineMs maximum time until the response has arrived, in milliseconds. @default no maximum
 * @returns the response, whatever its status
 * @throws TimedOut; SocketClosed; MalformedResponse; the socket's error, such as ECONNREFUSED
 */
export async function exchange(request: HttpRequest, deadlineMs?: number): Promise<HttpResponse> {
  const until = deadlineMs === undefined ? undefined : Date.now() + deadlineMs;
  const text = textOf(request);
  const url = `${request.protocol}//${request.hostname}:${request.port}`;
  const sockets = socketsTo.get(url) ?? new Sockets(request);
  socketsTo.set(url, sockets);
  const late = () => new TimedOut(`${request.method} took more than ${deadlineMs} ms`);
  const socket = await sockets.take(deadlineMs, late);
  const giveUp = () => socket.destroy(late());
  const timer = until === undefined ? undefined : setTimeout(giveUp, Math.max(0, until - Date.now()));
  try {
    return await socket.send(text);
  } catch (error) {
    // Lambda has probably frozen this environment for so long that the server has closed the other sockets, too.
    if (error instanceof SocketClosed && error.wasKept) sockets.closeFree();
    throw error;
  } finally {
    clearTimeout(timer);
    sockets.give(socket);
  }
}

function textOf({ method, path, headers, latin1 }: HttpRequest): string {
  let head = `${method} ${path} HTTP/1.1\r\n`;
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${checked(value)}\r\n`;
  return `${head}content-length: ${latin1.length}\r\n\r\n${latin1}`;
}

/** @throws TypeError if a header's value would end the header, or has characters whose low bytes alone would be sent */
function checked(value: string): string {
  if (/[^\t\x20-\xff]/.test(value)) throw new TypeError("a header's value contains a character that can't be sent");
  return value;
}
