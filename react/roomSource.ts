import type { AuthoredEntry, ChatError, History, Outgoing, Room, User } from "@serverless-chat/client";
import type { FoldedMessage } from "@serverless-chat/client/fold";
import type { Host } from "./host.ts";
import { MessageWindow } from "./messageWindow.ts";
import { type OutgoingSnapshot, OutgoingSnapshots } from "./outgoingSnapshots.ts";
import type { RoomsSource } from "./roomsSource.ts";
import { Source } from "./source.ts";

/** The number of entries that the server sends when a room is joined. */
const PAGE_SIZE = 100;

export interface RoomSnapshot {
  /** Messages in the room's order, including deleted ones. A message is a new object only when it has changed. */
  messages: readonly FoldedMessage[];
  /** Appends that aren't acknowledged yet, in order, and those that have failed. */
  outgoing: readonly OutgoingSnapshot[];
  /** People who are in the room now, at most 100. */
  members: readonly User[];
  /** Whether there are more people than `members` lists. */
  hasMoreMembers: boolean;
  /** People other than the user who are typing. */
  typing: readonly User[];
  /** How far people have read, as reported since the room was opened. */
  readers: readonly { user: User; seq: number }[];
  /** Whether the newest page hasn't arrived yet. */
  isLoading: boolean;
  /** Whether there are messages before the first one of `messages`. */
  hasOlder: boolean;
  isLoadingOlder: boolean;
  /** Reason why the room can't be read. */
  error: ChatError | undefined;
}

const EMPTY: RoomSnapshot = {
  messages: [],
  outgoing: [],
  members: [],
  hasMoreMembers: false,
  typing: [],
  readers: [],
  isLoading: true,
  hasOlder: false,
  isLoadingOlder: false,
  error: undefined,
};

export class RoomSource extends Source<RoomSnapshot> {
  readonly #host: Host & { rooms: RoomsSource };
  readonly #window = new MessageWindow();
  readonly #outgoing: OutgoingSnapshots;
  readonly name: string;
  #past: History | undefined;
  /** Counts starts, so that answers to requests of an earlier run are dropped. */
  #run = 0;
  /** The newest position when this run started. */
  #newestBefore = 0;
  #loading: Promise<void> | undefined;

  constructor(host: Host & { rooms: RoomsSource }, name: string) {
    super(EMPTY);
    this.#host = host;
    this.name = name;
    // An acknowledged message is added at once; otherwise it would be missing from the page until its entry arrives.
    this.#outgoing = new OutgoingSnapshots(
      () => host.client.user,
      (entry) => this.#add([entry]),
    );
  }

  readonly send = (text: string, options: { replyTo?: number } = {}): Outgoing => this.#room.send(text, options);
  readonly edit = (target: number, text: string): Outgoing => this.#room.edit(target, text);
  readonly remove = (target: number): Outgoing => this.#room.delete(target);
  readonly react = (target: number, emoji: string, on = true): Outgoing => this.#room.react(target, emoji, on);
  readonly invite = (user: string, options: { moderator?: boolean } = {}): Promise<void> =>
    this.#room.invite(user, options);
  readonly setTyping = (typing: boolean): void => this.#room.typing(typing);

  /** Reports how far the user has read. */
  readonly markRead = (seq: number): void => {
    this.#room.markRead(seq);
    this.#host.rooms.markRead(this.name, seq);
  };

  /** Loads the page before the first message. Concurrent calls share the request. @throws ChatError */
  readonly loadOlder = (): Promise<void> => {
    this.#loading ??= this.#loadOlder().finally(() => {
      this.#loading = undefined;
      this.set({ isLoadingOlder: false });
    });
    return this.#loading;
  };

  /** Limits memory: removes all but the `most` newest messages. `loadOlder` loads the others again. */
  readonly trim = (most: number): void => {
    if (this.latest.messages.length <= most) return;
    this.#window.trim(most);
    const { messages } = this.#window;
    const before = messages[0]?.seq;
    this.#past = this.#room.history({ limit: PAGE_SIZE, ...(before === undefined ? {} : { before }) });
    this.set({ messages, hasOlder: true });
  };

  get #room(): Room {
    return this.#host.client.room(this.name);
  }

  protected start(): () => void {
    const release = this.#host.retain();
    const { client } = this.#host;
    const run = ++this.#run;
    this.#newestBefore = this.#window.newest;
    this.set({ isLoading: true, typing: [], error: undefined });
    const subscription = this.#room.subscribe({
      entries: (entries) => this.#add(entries),
      reset: () => {
        this.#window.clear();
        this.set({ messages: [], hasOlder: true });
        this.#past = this.#room.history({ limit: PAGE_SIZE });
      },
      outgoing: (appends) => this.set({ outgoing: this.#outgoing.of(appends) }),
      presence: ({ user, online }) => this.#setMember(user, online),
      typing: ({ user, typing }) => {
        const others = this.latest.typing.filter(({ id }) => id !== user.id);
        this.set({ typing: typing && user.id !== client.user?.id ? [...others, user] : others });
      },
      read: ({ user, seq }) => this.set({ readers: this.#window.markRead(user, seq) }),
      error: (error) => this.set({ error, isLoading: false }),
    });
    this.set({ outgoing: this.#outgoing.of(this.#room.outgoing) });
    const load = () => {
      void this.#loadMembers(run);
      if (this.latest.isLoading) void this.#loadNewest(run);
    };
    const remove = client.onState(({ name }) => {
      if (name === "open") load();
    });
    load();
    return () => {
      this.#run++;
      remove();
      subscription.unsubscribe();
      this.#host.rooms.closed(this.name);
      release();
    };
  }

  async #loadNewest(run: number): Promise<void> {
    const past = this.#room.history({ limit: PAGE_SIZE });
    try {
      const page = await past.next();
      if (run !== this.#run || !this.latest.isLoading) return;
      const entries = page?.entries ?? [];
      const first = entries[0]?.seq ?? 0;
      // If more than a page arrived while nothing was subscribed, there is a gap: drops the messages before it.
      if (this.#newestBefore > 0 && first > this.#newestBefore + 1) this.#window.dropBefore(first);
      this.#past = past;
      this.#add(entries);
      this.set({ isLoading: false, hasOlder: page?.isFirst === false });
      this.#host.rooms.opened(this.name);
    } catch (thrown) {
      const error = thrown as ChatError;
      if (run !== this.#run || error.code === "CLOSED") return;
      if (!error.retryable) this.set({ error, isLoading: false });
      else this.#repeat(run, error, () => (this.latest.isLoading ? this.#loadNewest(run) : undefined));
    }
  }

  async #loadOlder(): Promise<void> {
    const past = this.#past;
    if (past === undefined || !this.latest.hasOlder) return;
    this.set({ isLoadingOlder: true });
    const page = await past.next();
    if (past !== this.#past) return;
    this.#add(page?.entries ?? []);
    this.set({ hasOlder: page?.isFirst === false });
  }

  async #loadMembers(run: number): Promise<void> {
    try {
      const { members, more } = await this.#room.members();
      if (run === this.#run) this.set({ members, hasMoreMembers: more });
    } catch (error) {
      // An unreadable room reports its own error.
      this.#repeat(run, error as ChatError, () => this.#loadMembers(run));
    }
  }

  /**
   * Repeats a request that the server has refused for now. After other errors, requests are repeated when the client is
   * open again.
   */
  #repeat(run: number, { retryAfterMs }: ChatError, request: () => Promise<void> | undefined): void {
    if (retryAfterMs === undefined) return;
    setTimeout(() => {
      if (run === this.#run) void request();
    }, retryAfterMs);
  }

  #setMember(user: User, online: boolean): void {
    const others = this.latest.members.filter(({ id }) => id !== user.id);
    this.set({ members: online ? [...others, user] : others });
  }

  #add(entries: readonly AuthoredEntry[]): void {
    if (entries.length === 0) return;
    this.#window.add(entries);
    this.set({ messages: this.#window.messages });
  }
}
