import type { User } from "@serverless-chat/client";
import type { FoldedMessage } from "@serverless-chat/client/fold";
import { t } from "../language/index.ts";

/** Maximum number of names that are listed; the others are only counted. */
const MAX_NAMES = 10;

export function Reactions(args: {
  message: FoldedMessage;
  user: User;
  tabIndex: number;
  onReact: (target: number, emoji: string, on: boolean) => void;
}) {
  const { message, user, tabIndex, onReact } = args;
  return (
    <ul class="reactions">
      {[...message.reactions].map(([emoji, people]) => {
        const isMine = people.some(({ id }) => id === user.id);
        const names = people.slice(0, MAX_NAMES).map(({ name }) => name);
        const from = t.actions.reactedBy(names, people.length - names.length);
        return (
          <li key={emoji}>
            <button
              type="button"
              class="reaction"
              tabIndex={tabIndex}
              aria-pressed={isMine}
              title={from}
              onClick={() => onReact(message.seq, emoji, !isMine)}
            >
              {emoji} {people.length} <span class="visually-hidden">{from}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
