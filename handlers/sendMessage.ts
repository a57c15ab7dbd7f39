import { LOBBY } from "../chat/connections";
import { fanOut } from "../chat/fanOut";
import { whileTokenHolds } from "../chat/identity";
import { append } from "../chat/log";
import { resource } from "../chat/resource";
import { SendMessage } from "../protocol/requests";
import { messageRoute } from "./messageRoute";

export type Uses = {
  CONNECTIONS_TABLE: "GetItem" | "Query" | "BatchWriteItem";
  MESSAGES_TABLE: "UpdateItem" | "PutItem";
  CONNECTIONS_URL: "POST";
};

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const messages = resource<Uses, "MESSAGES_TABLE">("MESSAGES_TABLE");
const posts = resource<Uses, "CONNECTIONS_URL">("CONNECTIONS_URL");

/** `sendMessage`: stores a message, brings it to everyone, then acknowledges it. */
export const sendMessage = messageRoute(whileTokenHolds(connections), SendMessage, async ({ id, text }, { user }) => {
  const entry = await append(messages, LOBBY, { kind: "message", id, user, text });
  const { posted, gone, failed } = await fanOut(connections, posts, { type: "event", room: LOBBY, entries: [entry] });
  return {
    answer: { type: "ack", id, seq: entry.seq, sentAt: entry.sentAt },
    did: "sent",
    counts: { postedCount: posted, goneCount: gone, failedCount: failed },
  };
});
