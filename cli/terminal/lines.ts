/** How what happens in a room reads in a terminal. */
import { styleText } from "node:util";
import type { FoldedMessage } from "../../client/fold/index.ts";
import type { AuthoredEntry } from "../../client/index.ts";

/** A message as it stands now. */
export function lineOf({ seq, user, sentAt, text, replyTo, editedAt, isDeleted, reactions }: FoldedMessage): string {
  const time = new Date(sentAt).toTimeString().slice(0, 5);
  const answered = replyTo === undefined ? "" : ` → #${replyTo}`;
  const said = isDeleted ? dim("(taken back)") : printable(text) + (editedAt === undefined ? "" : dim(" (edited)"));
  const emoji = [...reactions].map(([emoji, users]) => ` ${emoji}${users.length > 1 ? users.length : ""}`).join("");
  return `${dim(`#${seq}`)} ${time} ${styleText("bold", printable(user.name), { stream: process.stdout })}${answered}: ${said}${emoji}`;
}

/** What an entry changes of a message that was shown before. */
export function changeOf(entry: Exclude<AuthoredEntry, { kind: "message" }>): string {
  const who = printable(entry.user.name);
  if (entry.kind === "edit") return `#${entry.target} now reads: ${printable(entry.text)}`;
  if (entry.kind === "delete") return `#${entry.target} was taken back by ${who}`;
  return entry.on
    ? `#${entry.target} ${entry.emoji} by ${who}`
    : `#${entry.target} no ${entry.emoji} by ${who} any more`;
}

/** What comes from elsewhere must not steer this terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === "\t" ? " " : "�"));
}

function dim(text: string): string {
  return styleText("dim", text, { stream: process.stdout });
}
