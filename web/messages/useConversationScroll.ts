import type { User } from "@serverless-chat/client";
import type { RoomActions, RoomSnapshot } from "@serverless-chat/react";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** Within this distance of the end, which is about one line, the reader counts as following the conversation. */
const END_PX = 40;

/** Older messages are loaded at this distance from the top, before the reader reaches them. */
const NEAR_TOP_PX = 600;

/** While the reader follows the conversation, more than `MAX_MESSAGES` are cut to the newest `TRIMMED_MESSAGES`. */
const MAX_MESSAGES = 1_000;
const TRIMMED_MESSAGES = 500;

/** Maximum number of pages that a jump to a quoted message loads. */
const MAX_JUMP_PAGES = 50;

/**
 * Scrolling of a conversation: it follows the end while the reader is there. Otherwise, messages in view keep their
 * place when older ones are added above and new ones below.
 */
export function useConversationScroll(
  room: RoomSnapshot & RoomActions,
  unsent: number,
  user: User,
  onAtEnd: (isAtEnd: boolean) => void,
) {
  const { messages, hasOlder, isLoading, loadOlder, trim } = room;
  const scroller = useRef<HTMLDivElement>(null);
  /** The first message in view, and where its top was. */
  const anchor = useRef<{ element: Element; top: number } | undefined>(undefined);
  const atEnd = useRef(true);
  const lastSeen = useRef(0);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const newest = useRef(messages);
  if (newest.current !== messages) {
    newest.current = messages;
    // Measured now, before the change is drawn, because a scroll event may still be pending.
    anchor.current = atEnd.current || scroller.current === null ? undefined : firstInView(scroller.current);
  }

  const last = messages.at(-1)?.seq ?? 0;
  if (isAtEnd) lastSeen.current = last;
  const unseen = isAtEnd
    ? 0
    : messages.filter(({ seq, user: { id } }) => seq > lastSeen.current && id !== user.id).length;

  const loadMore = useCallback(() => {
    loadOlder().catch(() => {
      // The connection's state shows the reason, and scrolling tries again.
    });
  }, [loadOlder]);

  const toEnd = useCallback(() => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollHeight, scrollTop, clientHeight } = element;
    atEnd.current = scrollHeight - scrollTop - clientHeight < END_PX;
    setIsAtEnd(atEnd.current);
    if (scrollTop < NEAR_TOP_PX && hasOlder) loadMore();
  }, [hasOlder, loadMore]);

  useEffect(() => onAtEnd(isAtEnd), [isAtEnd, onAtEnd]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    if (atEnd.current) {
      toEnd();
      if (messages.length > MAX_MESSAGES) trim(TRIMMED_MESSAGES);
    } else if (anchor.current?.element.isConnected) {
      const { element: row, top } = anchor.current;
      element.scrollTop += row.getBoundingClientRect().top - top;
      anchor.current = undefined;
    }
    // The reader may have reached the top while a page was loading, and a screen that isn't filled can't be scrolled.
    const isNearTop = !atEnd.current && element.scrollTop < NEAR_TOP_PX;
    if (!isLoading && hasOlder && (isNearTop || element.scrollHeight <= element.clientHeight)) loadMore();
  }, [messages, isLoading, hasOlder, toEnd, trim, loadMore]);

  // Sending a message scrolls to it.
  const unsentBefore = useRef(unsent);
  useLayoutEffect(() => {
    if (unsent > unsentBefore.current || atEnd.current) toEnd();
    unsentBefore.current = unsent;
  }, [unsent, toEnd]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) toEnd();
    });
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, [toEnd]);

  const jumpTo = useCallback(
    async (seq: number) => {
      for (let page = 0; page < MAX_JUMP_PAGES && seq < (newest.current[0]?.seq ?? 0); page++) {
        const before = newest.current[0]?.seq;
        await loadOlder().catch(() => {});
        // The loaded messages must be drawn before they can be found.
        await new Promise((resolve) => requestAnimationFrame(resolve));
        if (newest.current[0]?.seq === before) break;
      }
      const row = scroller.current?.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
      row?.focus({ preventScroll: true });
      row?.scrollIntoView({ block: "center" });
      // The scroll event comes later, and until then the reader would seem to be at the end.
      onScroll();
    },
    [loadOlder, onScroll],
  );

  return { scroller, onScroll, isAtEnd, unseen, toEnd, jumpTo };
}

function firstInView(scroller: Element): { element: Element; top: number } | undefined {
  const { left, right, top } = scroller.getBoundingClientRect();
  const hit = document.elementFromPoint((left + right) / 2, top + 1)?.closest("[data-seq]");
  const element = hit ?? scroller.querySelector("[data-seq]");
  return element === null ? undefined : { element, top: element.getBoundingClientRect().top };
}
