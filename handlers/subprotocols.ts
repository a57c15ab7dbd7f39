/** The chat's subprotocol, which the server selects. */
export const CHAT_V1 = "chat.v1";

const BEARER = "bearer.";

/** A client's offers in `Sec-WebSocket-Protocol`: the chat's protocol, and its token formatted as another protocol. */
export function offeredProtocols(header: string | undefined): { chat: boolean; token: string | undefined } {
  const offered = (header ?? "").split(",").map((protocol) => protocol.trim());
  const token = offered.find((protocol) => protocol.startsWith(BEARER))?.slice(BEARER.length);
  return { chat: offered.includes(CHAT_V1), token: token === "" ? undefined : token };
}
