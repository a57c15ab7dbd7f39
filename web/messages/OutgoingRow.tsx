import type { User } from "@serverless-chat/client";
import type { OutgoingSnapshot, RoomActions } from "@serverless-chat/react";
import { Avatar } from "../Avatar.tsx";
import { retry } from "../composer/FailedAppends.tsx";
import { refusal, t } from "../language/index.ts";
import { LinkedText } from "./LinkedText.tsx";

/** The user's own message that isn't acknowledged yet or has failed. */
export function OutgoingRow(args: { outgoing: OutgoingSnapshot; user: User; room: RoomActions; isFirst: boolean }) {
  const { outgoing, user, room, isFirst } = args;
  const { append, status, error } = outgoing;
  if (append.action !== "sendMessage") return null;
  return (
    <li class={`message own ${isFirst ? "first" : ""} ${status === "failed" ? "failed" : "pending"}`}>
      {isFirst && <Avatar user={user} />}
      <div class="body">
        {isFirst && (
          <p class="byline">
            <strong dir="auto">{user.name}</strong>
          </p>
        )}
        <p class="text" dir="auto">
          <LinkedText text={append.text} />
        </p>
        {status === "waiting" ? (
          <p class="status">{t.messages.sending}</p>
        ) : (
          <p class="status refusal row" role="alert">
            <span>
              {t.messages.failed}
              {error !== undefined && `: ${refusal(error)}`}
            </span>
            <button type="button" class="quiet" onClick={() => retry(room, outgoing)}>
              {t.messages.retry}
            </button>
            <button type="button" class="quiet" onClick={outgoing.discard}>
              {t.messages.discard}
            </button>
          </p>
        )}
      </div>
    </li>
  );
}
