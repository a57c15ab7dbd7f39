/** A person's input: a message, or a command that begins with a slash. */

export type Command =
  | { name: "send"; text: string }
  | { name: "reply" | "edit"; target: number; text: string }
  | { name: "delete"; target: number }
  | { name: "react" | "unreact"; target: number; emoji: string }
  | { name: "join"; room: string }
  | { name: "leave" | "rooms" | "history" | "who" | "connect" | "help" | "quit" };

export const COMMANDS_HELP = `A line is sent as a message. A line that begins with two slashes is sent with one of them.
A pasted block is one message.

  /reply N TEXT      replies to message N
  /edit N TEXT       replaces the text of your message N
  /delete N          deletes your message N
  /react N EMOJI     reacts to message N; /unreact N EMOJI removes the reaction
  /join ROOM         goes to a room; you keep following it when you go to another one
  /leave             leaves this room
  /rooms             lists your rooms and how many messages in each are unread
  /who               lists who is here
  /history           shows earlier messages
  /connect           connects again, without waiting for the next attempt
  /quit              ends the chat, as Ctrl-C does
`;

const WITHOUT_ARGUMENTS = new Set(["leave", "rooms", "history", "who", "connect", "help", "quit"]);

/** Commands about a message, and the argument that follows its number. */
const ABOUT_A_MESSAGE = new Map([
  ["reply", "a text"],
  ["edit", "a text"],
  ["delete", undefined],
  ["react", "an emoji"],
  ["unreact", "an emoji"],
]);

/** @throws Error that says what was expected */
export function parseLine(line: string): Command {
  if (line.startsWith("//")) return { name: "send", text: line.slice(1) };
  if (!line.startsWith("/")) return { name: "send", text: line };
  const [, name = "", rest = ""] = /^\/(\S*)\s*(.*)$/s.exec(line) ?? [];
  if (WITHOUT_ARGUMENTS.has(name)) return { name } as Command;
  if (name === "join") {
    if (rest === "") throw new Error("/join needs the name of a room");
    return { name, room: rest };
  }
  if (!ABOUT_A_MESSAGE.has(name)) throw new Error(`there is no command /${name}; /help lists the commands`);
  const [, number, text = ""] = /^#?(\d+)\s*(.*)$/s.exec(rest) ?? [];
  if (number === undefined) throw new Error(`/${name} needs the number of a message, such as 12`);
  const wanted = ABOUT_A_MESSAGE.get(name);
  if (wanted !== undefined && text === "") throw new Error(`/${name} needs ${wanted} after the number`);
  return { name, target: Number(number), text, emoji: text.trim() } as unknown as Command;
}
