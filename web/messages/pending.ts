import type { Append, User } from "@serverless-chat/client";
import type { FoldedMessage } from "@serverless-chat/client/fold";
import type { OutgoingSnapshot } from "@serverless-chat/react";

/** A message, and whether a change that the user made to it is in flight. */
export type Shown = FoldedMessage & { isPending?: true };

/** Applies the user's own unacknowledged changes to messages. Unchanged messages stay the same objects. */
export function withPending(
  messages: readonly FoldedMessage[],
  outgoing: readonly OutgoingSnapshot[],
  user: User,
): readonly Shown[] {
  const changes = new Map<number, Append[]>();
  for (const { append, status } of outgoing) {
    if (status === "failed" || append.action === "sendMessage") continue;
    changes.set(append.target, [...(changes.get(append.target) ?? []), append]);
  }
  if (changes.size === 0) return messages;
  return messages.map((message) =>
    (changes.get(message.seq) ?? []).reduce<Shown>((shown, change) => changed(shown, change, user), message),
  );
}

function changed(message: Shown, change: Append, user: User): Shown {
  const shown: Shown = { ...message, isPending: true };
  if (change.action === "editMessage") return { ...shown, text: change.text, editedAt: Date.now() };
  if (change.action === "deleteMessage") return { ...shown, text: "", isDeleted: true };
  if (change.action !== "react") return shown;
  const reactions = new Map(message.reactions);
  const others = (reactions.get(change.emoji) ?? []).filter(({ id }) => id !== user.id);
  const people = change.on ? [...others, user] : others;
  if (people.length === 0) reactions.delete(change.emoji);
  else reactions.set(change.emoji, people);
  return { ...shown, reactions };
}
