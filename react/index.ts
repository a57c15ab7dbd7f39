export type { ConnectionSnapshot } from "./connectionSource.ts";
export { ChatProvider, type ChatProviderProps, type RoomActions, useConnection, useRoom, useRooms } from "./hooks.ts";
export type { OutgoingSnapshot } from "./outgoingSnapshots.ts";
export type { RoomSnapshot } from "./roomSource.ts";
export type { JoinedRoom, RoomsSnapshot } from "./roomsSource.ts";
