import type { User } from "@serverless-chat/client";
import type { FoldedMessage } from "@serverless-chat/client/fold";
import type { RoomActions, RoomSnapshot } from "@serverless-chat/react";
import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../language/index.ts";
import { DayLine, NewLine } from "./lines.tsx";
import { MessageRow } from "./MessageRow.tsx";
import { OutgoingRow } from "./OutgoingRow.tsx";
import { withPending } from "./pending.ts";
import { useConversationScroll } from "./useConversationScroll.ts";
import { useRovingRow } from "./useRovingRow.ts";

/** One person's messages within this time share a heading. */
const GROUP_MS = 5 * 60_000;

export interface MessageListProps {
  name: string;
  user: User;
  room: RoomSnapshot & RoomActions;
  /** Position of the first new message. */
  newAfter: number | undefined;
  /** Called when the reader reaches the end of the conversation, or scrolls away from it. */
  onAtEnd: (isAtEnd: boolean) => void;
  onReply: (message: FoldedMessage) => void;
  onEdit: (message: FoldedMessage) => void;
}

export function MessageList({ name, user, room, newAfter, onAtEnd, onReply, onEdit }: MessageListProps) {
  const { outgoing, isLoading, hasOlder, isLoadingOlder, react, remove } = room;
  const messages = useMemo(() => withPending(room.messages, outgoing, user), [room.messages, outgoing, user]);
  const unsent = outgoing.filter(({ append }) => append.action === "sendMessage");
  const scroll = useConversationScroll(room, unsent.length, user, onAtEnd);
  const roving = useRovingRow(messages.at(-1)?.seq);
  const bySeq = useMemo(() => new Map(messages.map((message) => [message.seq, message])), [messages]);
  const [deleting, setDeleting] = useState<number>();
  const confirm = useCallback(
    (seq: number | undefined, isSure: boolean) => {
      if (isSure && seq !== undefined) remove(seq);
      setDeleting(isSure ? undefined : seq);
    },
    [remove],
  );
  const lastOwn = messages.findLast((message) => message.user.id === user.id)?.seq;
  const readBy = room.readers.filter((reader) => reader.user.id !== user.id && reader.seq >= (lastOwn ?? Infinity));
  const last = messages.at(-1);
  // A message that has shown its author keeps showing it: if an older message that is loaded above it took over the
  // heading, the text would move.
  const { current: firsts } = useRef(new Set<number>());
  return (
    <div class="scroller" ref={scroll.scroller} onScroll={scroll.onScroll}>
      <p class="top muted" role="status">
        {isLoading
          ? t.messages.loading
          : isLoadingOlder
            ? t.messages.older
            : !hasOlder && messages.length > 0 && t.messages.beginning(name)}
      </p>
      {!isLoading && messages.length === 0 && unsent.length === 0 && <p class="splash muted">{t.messages.empty}</p>}
      <ol class="messages" aria-label={t.messages.list(name)} {...roving.list}>
        {messages.flatMap((message, i) => {
          const before = messages[i - 1];
          const isNewDay = before === undefined || dayNumber(before.sentAt) !== dayNumber(message.sentAt);
          const isNew = message.seq === newAfter;
          const isFirst =
            firsts.has(message.seq) ||
            isNewDay ||
            isNew ||
            before.user.id !== message.user.id ||
            message.sentAt - before.sentAt > GROUP_MS;
          if (isFirst) firsts.add(message.seq);
          return [
            isNewDay && <DayLine key={`day ${message.seq}`} at={message.sentAt} />,
            isNew && <NewLine key="new" />,
            <MessageRow
              key={message.seq}
              message={message}
              quoted={message.replyTo === undefined ? undefined : bySeq.get(message.replyTo)}
              user={user}
              isFirst={isFirst}
              isActive={roving.active === message.seq}
              isTabStop={roving.tabStop === message.seq}
              isDeleting={deleting === message.seq}
              status={message.seq === lastOwn ? statusOf(readBy.map((reader) => reader.user.name)) : undefined}
              onReact={react}
              onReply={onReply}
              onEdit={onEdit}
              onDelete={confirm}
              onJump={scroll.jumpTo}
            />,
          ];
        })}
        {unsent.map((append, i) => (
          <OutgoingRow
            key={append.id}
            outgoing={append}
            user={user}
            room={room}
            isFirst={i === 0 && last?.user.id !== user.id}
          />
        ))}
      </ol>
      {!scroll.isAtEnd && (
        <button type="button" class="jump" onClick={scroll.toEnd}>
          {t.messages.latest(scroll.unseen)}
        </button>
      )}
    </div>
  );
}

/** Number that identifies a time's local day. Must be cheap, because each rendering calls this for every message. */
function dayNumber(at: number): number {
  const date = new Date(at);
  return (date.getFullYear() * 12 + date.getMonth()) * 31 + date.getDate();
}

function statusOf(readers: string[]): string {
  return readers.length === 0 ? t.messages.sent : t.messages.readBy(readers);
}
