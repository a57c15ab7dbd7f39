import type { User } from "@serverless-chat/client";
import type { JoinedRoom, RoomActions, RoomSnapshot } from "@serverless-chat/react";
import { useSyncExternalStore } from "preact/compat";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

/** Reports are batched for this long, because each one costs a request and is sent to everyone in the room. */
const REPORT_MS = 400;

/**
 * Reports how far the user has read, and remembers where the new messages began.
 *
 * @param summary the room in the list of rooms, with the server's unread count; undefined until it is known
 */
export function useReadMarker(
  { messages, markRead, isLoading }: RoomSnapshot & Pick<RoomActions, "markRead">,
  user: User,
  summary: JoinedRoom | undefined,
) {
  /** The first message by another person after this position is the first new one. */
  const [newAfter, setNewAfter] = useState<number>();
  const [isAtEnd, setIsAtEnd] = useState(true);
  const isFocused = useFocus();
  const last = messages.at(-1)?.seq ?? 0;
  const reported = useRef(0);
  const isOpened = useRef(false);

  useEffect(() => {
    if (isOpened.current || summary === undefined || isLoading) return;
    isOpened.current = true;
    if (summary.unread > 0) setNewAfter(summary.read);
  }, [summary, isLoading]);

  // Messages that arrive while the page has no focus are new; earlier ones aren't.
  useEffect(() => {
    if (!isFocused) setNewAfter(last);
  }, [isFocused]);

  const isSeen = isFocused && isAtEnd && isOpened.current && last > reported.current;
  useEffect(() => {
    if (!isSeen) return;
    const timer = setTimeout(() => {
      reported.current = last;
      markRead(last);
    }, REPORT_MS);
    return () => clearTimeout(timer);
  }, [isSeen, last, markRead]);

  const clear = useCallback(() => setNewAfter(undefined), []);
  const first =
    newAfter === undefined
      ? undefined
      : messages.find(({ seq, user: { id }, isDeleted }) => seq > newAfter && id !== user.id && !isDeleted)?.seq;
  return { newAfter: first, onAtEnd: setIsAtEnd, clear };
}

function useFocus(): boolean {
  return useSyncExternalStore(onFocusChange, isFocused);
}

function isFocused(): boolean {
  return document.hasFocus() && document.visibilityState === "visible";
}

function onFocusChange(update: () => void): () => void {
  addEventListener("focus", update);
  addEventListener("blur", update);
  document.addEventListener("visibilitychange", update);
  return () => {
    removeEventListener("focus", update);
    removeEventListener("blur", update);
    document.removeEventListener("visibilitychange", update);
  };
}
