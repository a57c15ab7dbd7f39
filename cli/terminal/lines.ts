/** Formats the events of a room as lines for the terminal. */
import type { FoldedMessage } from "../../client/fold/index.ts";
import type { AuthoredEntry } from "../../client/index.ts";
import { printable, printableLines } from "./printable.ts";
import { styled } from "./style.ts";

/** Line for a message in its latest state. */
export function messageLine(message: FoldedMessage): string {
  const { seq, user, sentAt, text, replyTo, editedAt, isDeleted, reactions } = message;
  const time = new Date(sentAt).toTimeString().slice(0, 5);
  const reply = replyTo === undefined ? "" : ` → #${replyTo}`;
  const edited = editedAt === undefined ? "" : styled("dim", " (edited)");
  const said = isDeleted ? styled("dim", "(deleted)") : printableLines(text) + edited;
  const emoji = [...reactions]
    .map(([emoji, users]) => ` ${printable(emoji)}${users.length > 1 ? users.length : ""}`)
    .join("");
  return `${styled("dim", `#${seq}`)} ${time} ${styled("bold", printable(user.name))}${reply}: ${said}${emoji}`;
}

/** Line for a change to a message that was shown before. */
export function changeLine(entry: Exclude<AuthoredEntry, { kind: "message" }>): string {
  const who = printable(entry.user.name);
  const message = `#${entry.target}`;
  if (entry.kind === "edit") return `${message} now reads: ${printableLines(entry.text)}`;
  if (entry.kind === "delete") return `${message} was deleted by ${who}`;
  const emoji = printable(entry.emoji);
  return entry.on ? `${message} ${emoji} by ${who}` : `${message} ${emoji} removed by ${who}`;
}
