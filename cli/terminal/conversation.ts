/** A person's rooms in one terminal: shows what happens in them, and runs commands in the current one. */
import { Fold } from "../../client/fold/index.ts";
import type { AuthoredEntry, ChatError, Client, History, Outgoing, Room } from "../../client/index.ts";
import { COMMANDS_HELP, type Command, parseLine } from "./commands.ts";
import { changeLine, messageLine } from "./lines.ts";
import { printable, printableLines } from "./printable.ts";
import type { EnteredLine, Screen } from "./screen.ts";

/** Number of earlier messages that `/history` shows at a time. */
const PAGE_MESSAGES = 20;

/** Delay between showing a message and marking it as read. */
const READ_AFTER_MS = 2_000;

/** A message that isn't acknowledged after this long is marked as unsent. */
const UNSENT_AFTER_MS = 1_000;

const LOBBY = "lobby";

interface Followed {
  room: Room;
  fold: Fold;
  history: History;
  /** Whether the first page has been shown. Later messages are shown as they arrive. */
  isShown: boolean;
}

export class Conversation {
  readonly #client: Client;
  readonly #screen: Screen;
  readonly #person: string;
  readonly #onQuit: () => void;
  /** Rooms, by name. */
  readonly #followed = new Map<string, Followed>();
  /** All rooms ever followed, including those that were left. */
  readonly #rooms = new Set<Room>();
  #current: Followed;
  #reading: NodeJS.Timeout | undefined;

  constructor(client: Client, screen: Screen, person: string, onQuit: () => void) {
    this.#client = client;
    this.#screen = screen;
    this.#person = person;
    this.#onQuit = onQuit;
    this.#current = this.#follow(LOBBY);
  }

  /** Sends a line, or runs the command in it. */
  enter({ text, isPasted }: EnteredLine): void {
    let command: Command;
    try {
      command = isPasted ? { name: "send", text } : parseLine(text);
    } catch (error) {
      this.#screen.note((error as Error).message);
      return;
    }
    this.#do(command).catch((error: ChatError) => this.#screen.note(`/${command.name} failed: ${errorText(error)}`));
  }

  /** Messages that aren't acknowledged yet, in all rooms. */
  get unsent(): readonly Outgoing[] {
    return [...this.#rooms].flatMap(({ outgoing }) => outgoing.filter(({ status }) => status === "waiting"));
  }

  async #do(command: Command): Promise<void> {
    const { room } = this.#current;
    switch (command.name) {
      case "send":
        return this.#watch(room.send(command.text), command.text);
      case "reply":
        return this.#watch(room.send(command.text, { replyTo: command.target }), command.text);
      case "edit":
        return this.#watch(room.edit(command.target, command.text), command.text);
      case "delete":
        return this.#watch(room.delete(command.target), `/delete ${command.target}`);
      case "react":
      case "unreact": {
        const { target, emoji } = command;
        return this.#watch(room.react(target, emoji, command.name === "react"), `/${command.name} ${target} ${emoji}`);
      }
      case "join":
        return this.#goTo(command.room);
      case "leave":
        if (room.name === LOBBY) {
          this.#screen.note(`this is the ${LOBBY}, which /leave returns to: /join another room instead`);
          return;
        }
        this.#followed.delete(room.name);
        this.#goTo(LOBBY);
        return room.leave();
      case "rooms":
        for (const { name, unread, unreadMore } of await this.#client.rooms()) {
          this.#screen.note(`${printable(name)}: ${unread}${unreadMore ? "+" : ""} unread`);
        }
        return;
      case "who": {
        const { members, more } = await room.members();
        const names = members.map(({ name }) => printable(name)).join(", ");
        this.#screen.note(`here: ${names}${more ? " and others" : ""}`);
        return;
      }
      case "history":
        return this.#showPast();
      case "connect":
        return this.#client.connect();
      case "help":
        this.#screen.note(COMMANDS_HELP);
        return;
      case "quit":
        return this.#onQuit();
    }
  }

  #watch(outgoing: Outgoing, what: string): void {
    const markAsUnsent = () => {
      if (this.unsent.includes(outgoing)) this.#screen.note(`not sent yet: ${printableLines(what)}`);
    };
    // Without a connection, the message can't have been sent, so it is marked immediately.
    const timer = setTimeout(markAsUnsent, this.#client.state.name === "open" ? UNSENT_AFTER_MS : 0);
    outgoing.acknowledged
      .catch((error: ChatError) => {
        if (error.code !== "CLOSED") this.#screen.note(`not sent: ${printableLines(what)} (${errorText(error)})`);
        outgoing.discard();
      })
      .finally(() => clearTimeout(timer));
  }

  #goTo(name: string): void {
    const room = this.#client.room(name);
    this.#current = this.#followed.get(room.name) ?? this.#follow(name);
    this.#screen.setPrompt(this.#prompt());
  }

  #follow(name: string): Followed {
    const room = this.#client.room(name);
    const followed: Followed = {
      room,
      fold: new Fold(),
      history: room.history({ limit: PAGE_MESSAGES }),
      isShown: false,
    };
    this.#followed.set(room.name, followed);
    this.#rooms.add(room);
    room.subscribe({
      entries: (entries) => this.#show(followed, entries),
      reset: () => {
        followed.fold.clear();
        followed.isShown = false;
        this.#noteOf(followed, "the room starts over");
      },
      presence: ({ user, online }) =>
        this.#noteOf(followed, `${printable(user.name)} ${online ? "is here" : "has left"}`),
      error: (error) => this.#noteOf(followed, errorText(error)),
    });
    return followed;
  }

  #show(followed: Followed, entries: AuthoredEntry[]): void {
    const { fold } = followed;
    fold.add(entries);
    if (!followed.isShown) {
      followed.isShown = true;
      const messages = fold.messages.slice(-PAGE_MESSAGES);
      if (messages[0] !== undefined)
        followed.history = followed.room.history({ before: messages[0].seq, limit: PAGE_MESSAGES });
      for (const message of messages) this.#printOf(followed, messageLine(message));
    } else {
      for (const entry of entries) {
        if (entry.kind === "message") this.#printOf(followed, messageLine(fold.message(entry.seq) as never));
        // An edit may follow the deletion of its message.
        else if (entry.kind !== "edit" || !(entry.erased || fold.message(entry.target)?.isDeleted))
          this.#noteOf(followed, changeLine(entry));
      }
    }
    if (followed === this.#current) this.#readLater(followed, entries.at(-1)?.seq as number);
  }

  async #showPast(): Promise<void> {
    const followed = this.#current;
    const page = await followed.history.next();
    followed.fold.add(page?.entries ?? []);
    for (const { kind, seq } of page?.entries ?? []) {
      if (kind === "message") this.#printOf(followed, messageLine(followed.fold.message(seq) as never));
    }
    if (page === undefined || page.isFirst) this.#noteOf(followed, "there are no earlier messages");
  }

  #readLater({ room }: Followed, seq: number): void {
    clearTimeout(this.#reading);
    this.#reading = setTimeout(() => room.markRead(seq), READ_AFTER_MS);
    this.#reading.unref();
  }

  #printOf(followed: Followed, line: string): void {
    this.#screen.print(this.#from(followed) + line);
  }

  #noteOf(followed: Followed, text: string): void {
    this.#screen.note(this.#from(followed) + text);
  }

  /** The name of the room, unless it is the current one. */
  #from({ room }: Followed): string {
    return room === this.#current?.room ? "" : `[${printable(room.name)}] `;
  }

  #prompt(): string {
    const { name } = this.#current.room;
    return name === LOBBY ? `${this.#person}> ` : `${this.#person} in ${printable(name)}> `;
  }
}

/** Describes an error for a person. */
function errorText(error: ChatError): string {
  return printable(`${error.code}: ${error.message}`);
}
