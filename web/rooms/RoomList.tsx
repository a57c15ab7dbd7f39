import type { JoinedRoom } from "@serverless-chat/react";
import { Avatar } from "../Avatar.tsx";
import { t } from "../language/index.ts";
import { linkTo } from "../route.ts";
import { JoinRoom } from "./JoinRoom.tsx";

/** The user's rooms and name. */
export function RoomList(args: {
  rooms: readonly JoinedRoom[];
  isLoading: boolean;
  current: string | undefined;
  user: { id: string; name: string };
  onSignOut: () => void;
}) {
  const { rooms, isLoading, current, user, onSignOut } = args;
  return (
    <nav class="sidebar" aria-label={t.rooms.heading}>
      <header class="brand">
        <img src="/icon.svg" alt="" width="28" height="28" />
        <h1>{t.title}</h1>
      </header>
      {rooms.length === 0 && !isLoading && <p class="none muted">{t.rooms.none}</p>}
      <ul class="room-list">
        {rooms.map((room) => (
          <li key={room.name}>
            <a href={linkTo(room.name)} aria-current={room.name === current ? "page" : undefined}>
              <span class="room-name" dir="auto">
                {room.name}
              </span>
              {room.unread > 0 && room.name !== current && (
                <span class="badge">
                  <span aria-hidden="true">
                    {room.unread}
                    {room.unreadMore && "+"}
                  </span>
                  <span class="visually-hidden">{t.rooms.unread(room.unread, room.unreadMore === true)}</span>
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
      <JoinRoom />
      <footer class="me">
        <Avatar user={user} />
        <span class="room-name" dir="auto">
          {user.name}
        </span>
        <button type="button" class="quiet" onClick={onSignOut}>
          {t.signIn.out}
        </button>
      </footer>
    </nav>
  );
}
