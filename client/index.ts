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
export { ChatError, type ClientErrorCode } from "./errors.ts";
export type { ClientOptions, Clock, NetworkEvents, Socket } from "./options.ts";
export type { Acknowledged, Outgoing } from "./outbox/outgoing.ts";
export type { Append, AppendStore, StoredAppend } from "./outbox/store.ts";
export type { History, HistoryPage, Room, RoomListener, Subscription } from "./room.ts";
export type { State } from "./session.ts";
