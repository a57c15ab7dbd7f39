import { whileTokenHolds } from "../chat/identity";
import { resource } from "../chat/resource";
import { Ping } from "../protocol/requests";
import { messageRoute } from "./messageRoute";

export type Uses = { CONNECTIONS_TABLE: "GetItem" };

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");

/** `ping`: says that the way to a function and back is open, and keeps the connection from idling out. */
export const ping = messageRoute(whileTokenHolds(connections), Ping, async ({ id }) => ({
  answer: { type: "pong", id },
  did: "answered",
}));
