/** The subprotocol of the chat, which the server chooses. */
export const CHAT_V1 = "chat.v1";

const BEARER = "bearer.";

/** What a client offers in `Sec-WebSocket-Protocol`: the chat's protocol, and its token in the guise of another. */
export function offeredProtocols(header: string | undefined): { chat: boolean; token: string | undefined } {
  const offered = (header ?? "").split(",").map((protocol) => protocol.trim());
  const token = offered.find((protocol) => protocol.startsWith(BEARER))?.slice(BEARER.length);
  return { chat: offered.includes(CHAT_V1), token: token === "" ? undefined : token };
}
