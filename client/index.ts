export type {
  AuthoredEntry,
  DeleteEntry,
  EditEntry,
  MessageEntry,
  ReactionEntry,
  User,
} from "../protocol/entries.ts";
export type { Reset } from "../protocol/responses.ts";
export { Client, type RoomSummary } from "./client.ts";
export type { Clock } from "./clock.ts";
export { ChatError, type ClientErrorCode } from "./errors.ts";
export type { ClientOptions } from "./options.ts";
export type { Acknowledged, Delay, Outgoing } from "./outbox/outgoing.ts";
export type { Append, AppendStore, StoredAppend } from "./outbox/store.ts";
export type { History, HistoryPage, Room, RoomListener, Subscription } from "./room/room.ts";
export type { NetworkEvents } from "./session/network.ts";
export type { Socket } from "./session/socket.ts";
export type { State } from "./session/state.ts";
