/** The last step of a handshake: the request becomes a WebSocket, or is answered with a status. */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { MAX_MESSAGE_BYTES } from "./limits.ts";

const sockets = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  maxPayload: MAX_MESSAGE_BYTES,
  // Clients may compress their messages; messages to them aren't compressed.
  perMessageDeflate: {
    threshold: Number.POSITIVE_INFINITY,
    clientNoContextTakeover: true,
    serverNoContextTakeover: true,
  },
  // API Gateway doesn't choose a subprotocol: the function behind `$connect` does.
  handleProtocols: () => false,
});

/** The response to a handshake that is invalid by RFC 6455, sent before `$connect` runs; undefined for a valid one. */
export function handshakeFault({
  method,
  httpVersion,
  headers,
}: IncomingMessage): { status: number; message: string; headers: string[] } | undefined {
  if (method !== "GET") return { status: 405, message: "Method Not Allowed", headers: ["Allow: GET"] };
  if (headers["sec-websocket-version"] !== "13") {
    return { status: 426, message: "Upgrade Required", headers: ["Sec-WebSocket-Version: 13"] };
  }
  const protocols = headers["sec-websocket-protocol"]?.split(",").map((protocol) => protocol.trim()) ?? [];
  const isValid =
    httpVersion !== "1.0" &&
    headers.upgrade?.toLowerCase() === "websocket" &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? "") &&
    protocols.every((protocol) => TOKEN.test(protocol)) &&
    new Set(protocols).size === protocols.length;
  return isValid ? undefined : { status: 400, message: "Bad Request", headers: [] };
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
export const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** @param subprotocol sent in the response, even if the client didn't offer it */
export function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  subprotocol: string | undefined,
  then: (open: WebSocket) => void,
): void {
  const addHeader = (headers: string[]) => {
    if (subprotocol !== undefined) headers.push(`Sec-WebSocket-Protocol: ${subprotocol}`);
  };
  const offers = acceptableOffers(request.headers["sec-websocket-extensions"] ?? "");
  // Removes invalid offers, because a single one would make ws refuse the whole handshake.
  if (offers === "") delete request.headers["sec-websocket-extensions"];
  else request.headers["sec-websocket-extensions"] = offers;
  sockets.once("headers", addHeader);
  sockets.handleUpgrade(request, socket, head, then);
  sockets.removeListener("headers", addHeader);
}

const DEFLATE =
  /^permessage-deflate(\s*;\s*((server|client)_no_context_takeover|(server|client)_max_window_bits="?([89]|1[0-5])"?|client_max_window_bits))*$/;

/** The header's offers of compression that are valid according to RFC 7692; "" if there are none. */
function acceptableOffers(header: string): string {
  const offers = header.split(",").map((offer) => offer.trim());
  const isOnce = (offer: string) => {
    const names = offer.split(";").map((parameter) => parameter.split("=")[0]?.trim());
    return new Set(names).size === names.length;
  };
  return offers.filter((offer) => DEFLATE.test(offer) && isOnce(offer)).join(", ");
}

/** Answers with a status and a message, and ends the socket. */
export function refuseUpgrade(socket: Duplex, status: number, message: string, headers: string[] = []): void {
  const body = JSON.stringify({ message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    ...headers,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
