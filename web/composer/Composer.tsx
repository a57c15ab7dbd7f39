import type { FoldedMessage } from "@serverless-chat/client/fold";
import type { OutgoingSnapshot } from "@serverless-chat/react";
import { forwardRef } from "preact/compat";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../language/index.ts";
import { Delayed } from "./Delayed.tsx";

/** Maximum length of a text, in bytes of UTF-8. */
const MAX_BYTES = 8_192;

/** Minimum time between two typing frames. Others see "is typing" for 10 s after each. */
const TYPING_EVERY_MS = 4_000;

export interface Draft {
  text: string;
  replyTo?: FoldedMessage;
  editing?: FoldedMessage;
}

export interface ComposerProps {
  room: string;
  draft: Draft;
  outgoing: readonly OutgoingSnapshot[];
  onChange: (draft: Draft) => void;
  onSubmit: (draft: Draft) => void;
  /** Called when the user cancels a reply or an edit. */
  onCancel: () => void;
  onEditLast: () => void;
  onTyping: (typing: boolean) => void;
}

/** The message input, and the reason why a message isn't accepted. */
export const Composer = forwardRef<HTMLTextAreaElement, ComposerProps>(function Composer(props, ref) {
  const { room, draft, outgoing, onChange, onSubmit, onCancel, onEditLast } = props;
  const { text, replyTo, editing } = draft;
  const tooMany = new TextEncoder().encode(text).length - MAX_BYTES;
  const canSend = text.trim() !== "" && tooMany <= 0;
  const typing = useTyping(props.onTyping);
  const form = useRef<HTMLFormElement>(null);
  useGrowing(form, text);

  const submit = () => {
    if (!canSend) return;
    typing.stop();
    onSubmit({ ...draft, text: text.trim() });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter also ends a character composition, during which Safari reports the key code 229.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && (replyTo ?? editing) !== undefined) onCancel();
    else if (event.key === "ArrowUp" && text === "") {
      event.preventDefault();
      onEditLast();
    }
  };
  return (
    <form
      ref={form}
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {(replyTo ?? editing) !== undefined && (
        <div class="context">
          <p>
            {editing !== undefined ? t.composer.editing : t.composer.replying(replyTo?.user.name ?? "")}
            {replyTo !== undefined && (
              <span class="excerpt" dir="auto">
                {replyTo.text}
              </span>
            )}
          </p>
          <button type="button" class="quiet" onClick={onCancel}>
            {t.composer.cancel}
          </button>
        </div>
      )}
      <p class="refusal" id="refusal" role="alert">
        {tooMany > 0 ? t.composer.tooLong(tooMany) : ""}
      </p>
      <Delayed outgoing={outgoing} />
      <div class="input-row">
        <textarea
          ref={ref}
          rows={1}
          dir="auto"
          aria-label={t.composer.label(room)}
          aria-describedby="refusal"
          aria-invalid={tooMany > 0}
          placeholder={t.composer.placeholder(room)}
          title={t.composer.hint}
          enterkeyhint="send"
          value={text}
          onInput={(event) => {
            const { value } = event.currentTarget;
            if (editing === undefined) typing.type(value !== "");
            onChange({ ...draft, text: value });
          }}
          onKeyDown={onKeyDown}
          onBlur={typing.stop}
        />
        <button type="submit" class="primary" disabled={!canSend}>
          {editing === undefined ? t.composer.send : t.composer.save}
        </button>
      </div>
    </form>
  );
});

/** Tells the others every few seconds that the user is typing. */
function useTyping(tell: (typing: boolean) => void) {
  const told = useRef(0);
  const stop = () => {
    if (told.current > 0) tell(false);
    told.current = 0;
  };
  const type = (isTyping: boolean) => {
    if (!isTyping) return stop();
    if (Date.now() - told.current < TYPING_EVERY_MS) return;
    told.current = Date.now();
    tell(true);
  };
  return { stop, type };
}

/** Grows the text area with its text in browsers that don't support `field-sizing`. */
function useGrowing(form: { current: HTMLFormElement | null }, text: string): void {
  const isNeeded = useRef(true);
  useEffect(() => {
    isNeeded.current = !CSS.supports("field-sizing", "content");
  }, []);
  useLayoutEffect(() => {
    const area = form.current?.querySelector("textarea");
    if (!isNeeded.current || !area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);
}
