import { memo } from "preact/compat";
import { Avatar } from "../Avatar.tsx";
import { fullTimeOf, t, timeOf } from "../language/index.ts";
import { LinkedText } from "./LinkedText.tsx";
import type { MessageRowProps } from "./messageRowProps.ts";
import { Reactions } from "./Reactions.tsx";
import { Toolbar } from "./Toolbar.tsx";

export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, quoted, user, isFirst, isActive, isTabStop, isDeleting, status, onDelete, onJump } = props;
  const { seq, sentAt, text, replyTo, isDeleted } = message;
  const isOwn = message.user.id === user.id;
  const tabIndex = isActive || isTabStop ? 0 : -1;
  return (
    <li
      class={`message${isFirst ? " first" : ""}${isOwn ? " own" : ""}${message.isPending ? " pending" : ""}`}
      data-seq={seq}
      tabIndex={tabIndex}
    >
      {isFirst && <Avatar user={message.user} />}
      <div class="body">
        {isFirst ? (
          <p class="byline">
            <strong dir="auto">{message.user.name}</strong>
            <time dateTime={new Date(sentAt).toISOString()} title={fullTimeOf(sentAt)}>
              {timeOf(sentAt)}
            </time>
          </p>
        ) : (
          <span class="visually-hidden">
            {message.user.name}, {timeOf(sentAt)}
          </span>
        )}
        {replyTo !== undefined && !isDeleted && (
          <button type="button" class="quote" tabIndex={tabIndex} onClick={() => onJump(replyTo)}>
            <span class="visually-hidden">{t.messages.replyTo(quoted?.user.name ?? t.messages.replyGone)}</span>
            {quoted !== undefined && (
              <strong dir="auto" aria-hidden="true">
                {quoted.user.name}
              </strong>
            )}
            <span class="excerpt" dir="auto">
              {quoted === undefined ? t.messages.replyGone : quoted.isDeleted ? t.messages.deleted : quoted.text}
            </span>
          </button>
        )}
        {isDeleted ? (
          <p class="text muted">
            <em>{t.messages.deleted}</em>
          </p>
        ) : (
          <p class="text" dir="auto">
            <LinkedText text={text} />
            {message.editedAt !== undefined && (
              <span class="edited" title={fullTimeOf(message.editedAt)}>
                {t.messages.edited}
              </span>
            )}
          </p>
        )}
        {!isDeleted && message.reactions.size > 0 && (
          <Reactions message={message} user={user} tabIndex={tabIndex} onReact={props.onReact} />
        )}
        {isDeleting && <ConfirmDelete onAnswer={(isSure) => onDelete(isSure ? seq : undefined, isSure)} />}
        {(message.isPending ?? status !== undefined) && (
          <p class="status">{message.isPending ? t.messages.saving : status}</p>
        )}
      </div>
      {isActive && !isDeleted && !isDeleting && <Toolbar {...props} isOwn={isOwn} />}
    </li>
  );
});

function ConfirmDelete({ onAnswer }: { onAnswer: (isSure: boolean) => void }) {
  const answer = (isSure: boolean) => (event: { currentTarget: Element }) => {
    // Keeps the focus on the message when the focused button disappears.
    event.currentTarget.closest<HTMLElement>("[data-seq]")?.focus();
    onAnswer(isSure);
  };
  return (
    <p class="confirm row" role="alert">
      <span>{t.actions.confirmDelete}</span>
      <button type="button" class="danger" onClick={answer(true)}>
        {t.actions.delete}
      </button>
      <button type="button" onClick={answer(false)}>
        {t.actions.keep}
      </button>
    </p>
  );
}
