import type { Client } from "@serverless-chat/client";
import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { Chat } from "./chat.ts";
import type { ConnectionSnapshot } from "./connectionSource.ts";
import type { RoomSnapshot, RoomSource } from "./roomSource.ts";
import type { RoomsSnapshot } from "./roomsSource.ts";
import type { Source } from "./source.ts";

const ChatContext = createContext<Chat | undefined>(undefined);

export interface ChatProviderProps {
  /**
   * Creates the client. Called when the provider mounts, not while it renders, so that rendering on a server doesn't
   * connect. The client is closed after the provider has unmounted. For another user, give the provider another `key`.
   */
  connect: () => Client;
  children?: ReactNode;
}

/** Provides a client to the hooks of its children. */
export function ChatProvider({ connect, children }: ChatProviderProps): ReactNode {
  const [chat] = useState(() => new Chat(connect));
  useEffect(() => chat.retain(), [chat]);
  return createElement(ChatContext.Provider, { value: chat }, children);
}

/** The connection's state, the user, and functions to reconnect and to check the connection. */
export function useConnection(): ConnectionSnapshot & Pick<Chat["connection"], "connect" | "check"> {
  const { connection } = useChat();
  const snapshot = useSnapshot(connection);
  return useMemo(() => ({ ...snapshot, connect: connection.connect, check: connection.check }), [snapshot, connection]);
}

/** The rooms that the user has joined, with their unread messages counted as they arrive. */
export function useRooms(): RoomsSnapshot & Pick<Chat["rooms"], "refresh" | "leave"> {
  const { rooms } = useChat();
  const snapshot = useSnapshot(rooms);
  return useMemo(() => ({ ...snapshot, refresh: rooms.refresh, leave: rooms.leave }), [snapshot, rooms]);
}

/** Functions of a room. They keep their identity as long as the room stays the same. */
export type RoomActions = Pick<
  RoomSource,
  "send" | "edit" | "remove" | "react" | "invite" | "setTyping" | "markRead" | "loadOlder" | "trim"
>;

/** Follows a room while the component is mounted, and joins the room if necessary. @default "lobby" */
export function useRoom(name = "lobby"): RoomSnapshot & RoomActions {
  const chat = useChat();
  const room = useMemo(() => chat.room(name), [chat, name]);
  const snapshot = useSnapshot(room);
  return useMemo(() => {
    const { send, edit, remove, react, invite, setTyping, markRead, loadOlder, trim } = room;
    return { ...snapshot, send, edit, remove, react, invite, setTyping, markRead, loadOlder, trim };
  }, [snapshot, room]);
}

function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (chat === undefined) throw new Error("a hook of the chat was used outside of <ChatProvider>: wrap the app in one");
  return chat;
}

/** Subscribes to a source. On a server, this returns the initial snapshot. */
function useSnapshot<Snapshot extends object>({ subscribe, getSnapshot }: Source<Snapshot>): Snapshot {
  return useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
}
