import { useRef, useState } from "preact/hooks";
import { t } from "../language/index.ts";
import type { MessageRowProps } from "./messageRowProps.ts";

const QUICK = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

/** The possible actions on one message. */
export function Toolbar(props: MessageRowProps & { isOwn: boolean }) {
  const { message, user, isOwn, onReact, onReply, onEdit, onDelete } = props;
  const [isPicking, setIsPicking] = useState(false);
  const toolbar = useRef<HTMLDivElement>(null);
  /** Keeps the focus on the message when the focused button disappears. */
  const focusMessage = () => toolbar.current?.closest<HTMLElement>("[data-seq]")?.focus();
  const react = (emoji: string) => {
    focusMessage();
    const isMine = message.reactions.get(emoji)?.some(({ id }) => id === user.id) === true;
    onReact(message.seq, emoji, !isMine);
    setIsPicking(false);
  };
  return (
    <div ref={toolbar} class="toolbar" role="toolbar" aria-label={t.actions.toolbar}>
      <Action label={t.actions.react} isExpanded={isPicking} onClick={() => setIsPicking(!isPicking)}>
        <path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8.500 14.500c1.800 2.400 5.200 2.400 7 0M9 9.500v.5M15 9.500v.5" />
      </Action>
      <Action label={t.actions.reply} onClick={() => onReply(message)}>
        <path d="M9 7l-5 5 5 5M4 12h9a6 6 0 0 1 6 6" />
      </Action>
      {isOwn && (
        <Action label={t.actions.edit} onClick={() => onEdit(message)}>
          <path d="M4 20l1-4L16 5l3 3L8 19zM14 7l3 3" />
        </Action>
      )}
      {isOwn && (
        <Action
          label={t.actions.delete}
          onClick={() => {
            focusMessage();
            onDelete(message.seq, false);
          }}
        >
          <path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13" />
        </Action>
      )}
      {isPicking && (
        <div class="picker">
          {QUICK.map((emoji) => (
            <button key={emoji} type="button" aria-label={t.actions.reactWith(emoji)} onClick={() => react(emoji)}>
              {emoji}
            </button>
          ))}
          <OtherEmoji onEmoji={react} />
        </div>
      )}
    </div>
  );
}

function Action(props: {
  label: string;
  isExpanded?: boolean;
  onClick: () => void;
  children: preact.ComponentChildren;
}) {
  const { label, isExpanded, onClick, children } = props;
  return (
    <button type="button" aria-label={label} title={label} aria-expanded={isExpanded} onClick={onClick}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        {children}
      </svg>
    </button>
  );
}

/** Accepts any emoji from a keyboard or the system's picker. Other text is refused by the server. */
function OtherEmoji({ onEmoji }: { onEmoji: (emoji: string) => void }) {
  const [emoji, setEmoji] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (emoji.trim() !== "") onEmoji(emoji.trim());
      }}
    >
      <input
        aria-label={t.actions.otherEmoji}
        title={t.actions.otherEmoji}
        autoComplete="off"
        maxLength={32}
        placeholder="+"
        value={emoji}
        onInput={(event) => setEmoji(event.currentTarget.value)}
      />
    </form>
  );
}
