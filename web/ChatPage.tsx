import { useConnection, useRooms } from "@serverless-chat/react";
import { useEffect } from "preact/hooks";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { t } from "./language/index.ts";
import { RoomList } from "./rooms/RoomList.tsx";
import { RoomView } from "./rooms/RoomView.tsx";
import { linkTo, useRoute } from "./route.ts";

/** The first room shown on a wide screen. */
const FIRST_ROOM = "lobby";

export function ChatPage(args: {
  /** The user, as far as known before the first connection. */
  user: { id: string; name: string };
  onSignOut: () => void;
  onSignIn: () => void;
}) {
  const { user, onSignOut, onSignIn } = args;
  const room = useRoute();
  const connection = useConnection();
  const { rooms, isLoading, leave } = useRooms();
  useEffect(() => {
    if (location.hash === "") location.replace(linkTo(FIRST_ROOM));
  }, []);
  useWakeUp(connection);
  const others = rooms.filter((other) => other.name !== room);
  const unread = others.reduce((sum, other) => sum + other.unread, 0);
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${room === undefined ? "" : `${room} · `}${t.title}`;
  }, [unread, room]);
  return (
    <div class={`chat ${room === undefined ? "shows-rooms" : "shows-room"}`}>
      <RoomList
        rooms={rooms}
        isLoading={isLoading}
        current={room}
        user={connection.user ?? user}
        onSignOut={onSignOut}
      />
      <main class="room">
        <ConnectionBanner
          state={connection.state}
          waiting={rooms.reduce((sum, { waiting }) => sum + waiting, 0)}
          onConnect={connection.connect}
          onSignIn={onSignIn}
        />
        {room === undefined ? (
          <p class="splash muted">{t.rooms.choose}</p>
        ) : (
          <RoomView
            key={room}
            name={room}
            user={connection.user ?? user}
            summary={rooms.find((joined) => joined.name === room)}
            onLeave={() => {
              location.hash = "#/";
              leave(room).catch(() => {
                // The list no longer shows the room, and the server ends the membership together with the connection.
              });
            }}
          />
        )}
      </main>
    </div>
  );
}

/** Checks the connection when the tab is shown again, because a page in the background may not notice a disconnect. */
function useWakeUp({ check, connect }: Pick<ReturnType<typeof useConnection>, "check" | "connect">): void {
  useEffect(() => {
    const wake = () => {
      if (document.visibilityState !== "visible") return;
      connect();
      check().catch(() => {
        // The connection's state shows the failure.
      });
    };
    document.addEventListener("visibilitychange", wake);
    addEventListener("pageshow", wake);
    return () => {
      document.removeEventListener("visibilitychange", wake);
      removeEventListener("pageshow", wake);
    };
  }, [check, connect]);
}
