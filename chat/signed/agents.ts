import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

/** Maximum number of requests in flight to one service. */
const MAX_SOCKETS = 100;

/** Kept-alive sockets, by a URL's protocol. The local cloud doesn't use TLS. */
export const agents = {
  "http:": new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
  "https:": new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
};
