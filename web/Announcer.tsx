import type { User } from "@serverless-chat/client";
import type { FoldedMessage } from "@serverless-chat/client/fold";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "./language/index.ts";

/** Messages that arrive within this time are announced together. */
const BATCH_MS = 1_000;

/** Makes screen readers read out other people's new messages, but neither history nor the user's own messages. */
export function Announcer(args: { messages: readonly FoldedMessage[]; isLoading: boolean; user: User }) {
  const { messages, isLoading, user } = args;
  const [text, setText] = useState("");
  const announced = useRef<number | undefined>(undefined);
  const last = messages.at(-1)?.seq ?? 0;
  useEffect(() => {
    if (isLoading) return;
    if (announced.current === undefined) {
      announced.current = last;
      return;
    }
    if (last <= announced.current) return;
    const timer = setTimeout(() => {
      const news = messages.filter(({ seq, user: { id } }) => seq > (announced.current as number) && id !== user.id);
      announced.current = last;
      if (news.length > 0) setText(announcementOf(news));
    }, BATCH_MS);
    return () => clearTimeout(timer);
  }, [last, isLoading, messages, user.id]);
  return (
    <div class="visually-hidden" aria-live="polite" data-announcer>
      {text}
    </div>
  );
}

function announcementOf(news: FoldedMessage[]): string {
  const [first] = news;
  if (news.length === 1 && first !== undefined) return t.messages.announce(first.user.name, first.text);
  return t.messages.announceMany(news.length, [...new Set(news.map(({ user }) => user.name))]);
}
