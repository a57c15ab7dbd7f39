import { Ping } from "../protocol/requests";
import { messageRoute } from "./messageRoute";

export type Uses = Record<never, never>;

/** `ping`: says that the way to a function and back is open, and keeps the connection from idling out. */
export const ping = messageRoute(Ping, async ({ id }) => ({ answer: { type: "pong", id }, did: "answered" }));
