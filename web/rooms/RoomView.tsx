import type { ChatError, User } from "@serverless-chat/client";
import type { FoldedMessage } from "@serverless-chat/client/fold";
import { type JoinedRoom, useRoom } from "@serverless-chat/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Announcer } from "../Announcer.tsx";
import { Composer, type Draft } from "../composer/Composer.tsx";
import { readDraft, writeDraft } from "../composer/drafts.ts";
import { FailedAppends } from "../composer/FailedAppends.tsx";
import { refusal, t } from "../language/index.ts";
import { MessageList } from "../messages/MessageList.tsx";
import { PeoplePanel } from "./PeoplePanel.tsx";
import { RoomHeader } from "./RoomHeader.tsx";
import { useReadMarker } from "./useReadMarker.ts";

export interface RoomViewProps {
  name: string;
  user: User;
  summary: JoinedRoom | undefined;
  onLeave: () => void;
}

/** One room: its messages and the composer. */
export function RoomView({ name, user, summary, onLeave }: RoomViewProps) {
  const room = useRoom(name);
  const { messages, outgoing, error, send, edit } = room;
  const [draft, setDraft] = useState<Draft>(() => ({ text: readDraft(user.id, name) }));
  const [showsPeople, setShowsPeople] = useState(false);
  const composer = useRef<HTMLTextAreaElement>(null);
  const marker = useReadMarker(room, user, summary);

  const change = useCallback(
    (next: Draft) => {
      // An edit's text isn't stored as a draft, because its message already exists.
      if (next.editing === undefined) writeDraft(user.id, name, next.text);
      setDraft(next);
    },
    [user.id, name],
  );
  const reply = useCallback((message: FoldedMessage) => {
    setDraft(({ text, editing }) => ({ text: editing === undefined ? text : "", replyTo: message }));
    composer.current?.focus();
  }, []);
  const startEdit = useCallback((message: FoldedMessage) => {
    setDraft({ text: message.text, editing: message });
    composer.current?.focus();
  }, []);
  const submit = useCallback(
    ({ text, replyTo, editing }: Draft) => {
      if (editing !== undefined) {
        if (text !== editing.text) edit(editing.seq, text);
        setDraft({ text: readDraft(user.id, name) });
        return;
      }
      send(text, replyTo === undefined ? {} : { replyTo: replyTo.seq });
      marker.clear();
      change({ text: "" });
    },
    [send, edit, change, marker.clear, user.id, name],
  );
  const lastOwn = useMemo(
    () => messages.findLast((message) => message.user.id === user.id && !message.isDeleted),
    [messages, user.id],
  );
  useEffect(() => {
    // Doesn't focus the composer on a phone, where the keyboard would cover the messages.
    if (matchMedia("(pointer: fine)").matches) composer.current?.focus();
  }, []);

  if (error !== undefined) {
    return (
      <>
        <RoomHeader name={name} members={[]} hasMore={false} onLeave={onLeave} />
        <p class="splash" role="alert">
          {reasonOf(error)}
        </p>
      </>
    );
  }
  const typing = room.typing.map((person) => person.name);
  return (
    <>
      <RoomHeader
        name={name}
        members={room.members}
        hasMore={room.hasMoreMembers}
        onPeople={() => setShowsPeople(!showsPeople)}
        showsPeople={showsPeople}
        onLeave={onLeave}
      />
      <div class="room-body">
        <div class="conversation">
          <MessageList
            name={name}
            user={user}
            room={room}
            newAfter={marker.newAfter}
            onAtEnd={marker.onAtEnd}
            onReply={reply}
            onEdit={startEdit}
          />
          <p class="typing">{typing.length > 0 && t.messages.typing(typing)}</p>
          <FailedAppends room={room} outgoing={outgoing} />
          <Composer
            ref={composer}
            room={name}
            draft={draft}
            outgoing={outgoing}
            onChange={change}
            onSubmit={submit}
            onCancel={() => setDraft({ text: readDraft(user.id, name) })}
            onEditLast={() => lastOwn !== undefined && startEdit(lastOwn)}
            onTyping={room.setTyping}
          />
        </div>
        {showsPeople && (
          <PeoplePanel
            room={name}
            user={user}
            members={room.members}
            hasMore={room.hasMoreMembers}
            onInvite={name.startsWith("private-") ? room.invite : undefined}
            onClose={() => setShowsPeople(false)}
          />
        )}
      </div>
      <Announcer messages={messages} isLoading={room.isLoading} user={user} />
    </>
  );
}

/** Tells the user why a room can't be read. */
function reasonOf(error: ChatError): string {
  if (error.code === "FORBIDDEN") return t.refusals.roomForbidden;
  // The only part of the request that can be malformed is the room's name.
  return error.code === "BAD_REQUEST" ? t.refusals.roomName : refusal(error);
}
