import type { ChatError, User } from "@serverless-chat/client";
import { useState } from "preact/hooks";
import { Avatar } from "../Avatar.tsx";
import { refusal, t } from "../language/index.ts";

/** People in the room now, and for private rooms a form to invite others. */
export function PeoplePanel(args: {
  room: string;
  user: User;
  members: readonly User[];
  hasMore: boolean;
  onInvite: ((user: string) => Promise<void>) | undefined;
  onClose: () => void;
}) {
  const { user, members, hasMore, onInvite, onClose } = args;
  return (
    <aside class="people" aria-label={t.people.heading} onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <header class="row">
        <h3>{t.people.heading}</h3>
        <button type="button" class="quiet" onClick={onClose}>
          {t.people.close}
        </button>
      </header>
      <ul>
        {members.map((member) => (
          <li key={member.id}>
            <Avatar user={member} />
            <span class="room-name" dir="auto">
              {member.name}
            </span>
            {member.id === user.id && <span class="muted">{t.people.you}</span>}
          </li>
        ))}
        {hasMore && <li class="muted">{t.people.more}</li>}
      </ul>
      {onInvite !== undefined && <Invite onInvite={onInvite} />}
    </aside>
  );
}

function Invite({ onInvite }: { onInvite: (user: string) => Promise<void> }) {
  const [name, setName] = useState("");
  const [answer, setAnswer] = useState("");
  const invite = async () => {
    const invited = name.trim();
    if (invited === "") return;
    try {
      await onInvite(invited);
      setAnswer(t.people.invited(invited));
      setName("");
    } catch (error) {
      setAnswer(refusal(error as ChatError));
    }
  };
  return (
    <form
      class="join"
      onSubmit={(event) => {
        event.preventDefault();
        void invite();
      }}
    >
      <label for="invite">{t.people.invite}</label>
      <div class="row">
        <input
          id="invite"
          dir="auto"
          autoComplete="off"
          aria-describedby="invite-hint"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" disabled={name.trim() === ""}>
          {t.people.inviteSend}
        </button>
      </div>
      <p id="invite-hint" class="hint" role="status">
        {answer || t.people.inviteHint}
      </p>
    </form>
  );
}
