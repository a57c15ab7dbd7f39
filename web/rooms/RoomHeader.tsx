import type { User } from "@serverless-chat/client";
import { useState } from "preact/hooks";
import { t } from "../language/index.ts";

const SAID_MS = 2_000;

export function RoomHeader(args: {
  name: string;
  members: readonly User[];
  hasMore: boolean;
  showsPeople?: boolean;
  onPeople?: () => void;
  onLeave: () => void;
}) {
  const { name, members, hasMore, showsPeople = false, onPeople, onLeave } = args;
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(location.href);
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), SAID_MS);
  };
  return (
    <header class="room-header">
      <a class="back" href="#/">
        <span class="visually-hidden">{t.rooms.back}</span>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M15 5l-7 7 7 7" />
        </svg>
      </a>
      <h2 dir="auto" title={name}>
        {name}
      </h2>
      {onPeople !== undefined && (
        <button type="button" class="quiet" aria-expanded={showsPeople} onClick={onPeople}>
          {t.people.here(members.length, hasMore)}
        </button>
      )}
      <button type="button" class="quiet wide-only" onClick={() => void copy().catch(() => {})}>
        {isCopied ? t.rooms.copied : t.rooms.copyLink}
      </button>
      <button type="button" class="quiet" onClick={onLeave}>
        {t.rooms.leave}
      </button>
    </header>
  );
}
