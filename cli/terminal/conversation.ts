/** A person's rooms in one terminal: what is shown of them, and what is done in the current one. */
import { Fold } from "../../client/fold/index.ts";
import type { AuthoredEntry, ChatError, Client, History, Outgoing, Room } from "../../client/index.ts";
import { COMMANDS_HELP, type Command, parseLine } from "./commands.ts";
import { changeOf, lineOf, printable } from "./lines.ts";
import type { Screen } from "./screen.ts";

/** Messages that are shown of a room's past at a time. */
const SOME = 20;

/** How far one has read is told so long after it was shown. */
const READ_AFTER_MS = 2_000;

const LOBBY = "lobby";

interface Followed {
  room: Room;
  fold: Fold;
  history: History;
  /** Its first page is shown as it stands, what comes later as it changes. */
  isShown: boolean;
}

export class Conversation {
  readonly #client: Client;
  readonly #screen: Screen;
  readonly #person: string;
  readonly #onQuit: () => void;
  /** By name. */
  readonly #followed = new Map<string, Followed>();
  /** All that were followed, those that were left among them. */
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

  /** Does what a line says. */
  enter(line: string): void {
    let command: Command;
    try {
      command = parseLine(line);
    } catch (error) {
      this.#screen.note((error as Error).message);
      return;
    }
    this.#do(command).catch((error: ChatError) => this.#screen.note(`/${command.name} failed: ${told(error)}`));
  }

  /** What is not acknowledged yet, in all rooms. */
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
      case "help":
        this.#screen.note(COMMANDS_HELP);
        return;
      case "quit":
        return this.#onQuit();
    }
  }

  #watch(outgoing: Outgoing, what: string): void {
    outgoing.acknowledged.catch((error: ChatError) => {
      this.#screen.note(`not sent: ${printable(what)} (${told(error)})`);
      outgoing.discard();
    });
    const { name } = this.#client.state;
    if (name !== "open") this.#screen.note(`there is no connection: it is sent when there is one again`);
  }

  #goTo(name: string): void {
    const room = this.#client.room(name);
    this.#current = this.#followed.get(room.name) ?? this.#follow(name);
    this.#screen.setPrompt(this.#prompt());
  }

  #follow(name: string): Followed {
    const room = this.#client.room(name);
    const followed: Followed = { room, fold: new Fold(), history: room.history({ limit: SOME }), isShown: false };
    this.#followed.set(room.name, followed);
    this.#rooms.add(room);
    room.subscribe({
      entries: (entries) => this.#show(followed, entries),
      reset: () => {
        followed.fold.clear();
        followed.isShown = false;
        this.#noteOf(followed, "the room begins anew");
      },
      presence: ({ user, online }) =>
        this.#noteOf(followed, `${printable(user.name)} ${online ? "is here" : "has gone"}`),
      error: (error) => this.#noteOf(followed, told(error)),
    });
    return followed;
  }

  #show(followed: Followed, entries: AuthoredEntry[]): void {
    const { fold } = followed;
    fold.add(entries);
    if (!followed.isShown) {
      followed.isShown = true;
      const messages = fold.messages.slice(-SOME);
      if (messages[0] !== undefined) followed.history = followed.room.history({ before: messages[0].seq, limit: SOME });
      for (const message of messages) this.#printOf(followed, lineOf(message));
    } else {
      for (const entry of entries) {
        if (entry.kind === "message") this.#printOf(followed, lineOf(fold.message(entry.seq) as never));
        // An edit may come after the deletion of its message.
        else if (entry.kind !== "edit" || !(entry.erased || fold.message(entry.target)?.isDeleted))
          this.#noteOf(followed, changeOf(entry));
      }
    }
    if (followed === this.#current) this.#readLater(followed, entries.at(-1)?.seq as number);
  }

  async #showPast(): Promise<void> {
    const followed = this.#current;
    const page = await followed.history.next();
    followed.fold.add(page?.entries ?? []);
    for (const { kind, seq } of page?.entries ?? []) {
      if (kind === "message") this.#printOf(followed, lineOf(followed.fold.message(seq) as never));
    }
    if (page === undefined || page.isFirst) this.#noteOf(followed, "there is nothing before that");
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

  /** Says which room it is about, unless one looks at it. */
  #from({ room }: Followed): string {
    return room === this.#current?.room ? "" : `[${printable(room.name)}] `;
  }

  #prompt(): string {
    const { name } = this.#current.room;
    return name === LOBBY ? `${this.#person}> ` : `${this.#person} in ${printable(name)}> `;
  }
}

/** A failure, for a person. */
export function told(error: ChatError): string {
  return printable(`${error.code}: ${error.message}`);
}
