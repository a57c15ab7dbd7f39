import type { OutgoingSnapshot, RoomActions } from "@serverless-chat/react";
import { refusal, t } from "../language/index.ts";

/** Edits, deletions and reactions that were refused. A message that was refused shows its own error. */
export function FailedAppends({ room, outgoing }: { room: RoomActions; outgoing: readonly OutgoingSnapshot[] }) {
  const failed = outgoing.filter(({ status, append }) => status === "failed" && append.action !== "sendMessage");
  return (
    <div role="alert">
      {failed.map((append) => (
        <p key={append.id} class="refusal row">
          <span>{append.error !== undefined && refusal(append.error)}</span>
          <button type="button" class="quiet" onClick={() => retry(room, append)}>
            {t.messages.retry}
          </button>
          <button type="button" class="quiet" onClick={append.discard}>
            {t.messages.discard}
          </button>
        </p>
      ))}
    </div>
  );
}

/** Sends a failed message, edit, deletion or reaction again, as a new one. */
export function retry(room: RoomActions, { append, discard }: OutgoingSnapshot): void {
  discard();
  if (append.action === "sendMessage") {
    room.send(append.text, append.replyTo === undefined ? {} : { replyTo: append.replyTo });
  } else if (append.action === "editMessage") room.edit(append.target, append.text);
  else if (append.action === "deleteMessage") room.remove(append.target);
  else room.react(append.target, append.emoji, append.on);
}
