/** A room as the client keeps it: what applications do with it, and what the client tells it. */
import type { User } from "../../protocol/entries.ts";
import type {
  AckFrame,
  Page,
  PresenceFrame,
  ReadFrame,
  ReadyFrame,
  Reset,
  ServerFrame,
  TypingFrame,
} from "../../protocol/responses.ts";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { pause } from "../clock.ts";
import { isShown } from "../entryKinds.ts";
import { ChatError } from "../errors.ts";
import { Listeners } from "../listeners.ts";
import type { Outgoing } from "../outbox/outgoing.ts";
import { AppendQueue } from "../outbox/queue.ts";
import type { Append, AppendStore, StoredAppend } from "../outbox/store.ts";
import type { Asked, Connection } from "../session/connection.ts";
import { Delivery } from "./delivery.ts";
import { PagedHistory } from "./pagedHistory.ts";
import type { Room, RoomListener, Subscription } from "./room.ts";

/** What rooms need of their client. */
export interface RoomHost {
  clock: Clock;
  newId: () => string;
  store: AppendStore;
  loaded: Promise<unknown>;
  user: () => User | undefined;
  nextOrder: () => number;
  connection: () => Promise<Connection>;
  /** @throws ChatError CLOSED */
  pause: (ms: number) => Promise<void>;
  /** Sends a request, with a newer token when the last has expired. @throws ChatError */
  request: (frame: Asked) => Promise<ServerFrame>;
  tell: (frame: Asked) => void;
  refreshToken: () => Promise<void>;
  /** The server does not know the connection any more. */
  replaceConnection: (why: ChatError) => void;
}

export class ClientRoom implements Room {
  readonly name: string;
  readonly #host: RoomHost;
  /** Each calls one method of a listener. */
  readonly #listeners = new Listeners<[about: (listener: RoomListener) => void]>();
  readonly #queue: AppendQueue;
  /** While somebody is subscribed. */
  #delivery: Delivery | undefined;
  /** The same, until it has been joined for. */
  #following: Delivery | undefined;
  #joining: Promise<void> | undefined;
  /** Resolves when nothing of a `leave()` is under way. */
  #leaving: Promise<void> = Promise.resolve();

  constructor(name: string, host: RoomHost) {
    this.name = name;
    this.#host = host;
    this.#queue = new AppendQueue({
      ...host,
      room: name,
      join: () => this.#rejoin(),
      onChange: (appends) => this.#listeners.call((listener) => listener.outgoing?.(appends)),
    });
  }

  subscribe(listener: RoomListener, { after }: { after?: number } = {}): Subscription {
    const remove = this.#listeners.add((about) => about(listener));
    if (this.#delivery === undefined) {
      this.#delivery = this.#deliver(after);
      void this.#follow();
    }
    return {
      unsubscribe: () => {
        remove();
        if (this.#listeners.size === 0) this.#unfollow();
      },
    };
  }

  leave(): Promise<void> {
    this.#listeners.clear();
    this.#unfollow();
    // Two frames of one connection may overtake each other: of a joining and a leaving only one is under way.
    const leaving = (this.#joining ?? Promise.resolve())
      .catch(() => {})
      .then(() => this.#host.request({ action: "leaveRoom", room: this.name }))
      .then(() => {});
    this.#leaving = leaving.catch(() => {});
    return leaving;
  }

  get outgoing(): readonly Outgoing[] {
    return this.#queue.appends;
  }

  send(text: string, { replyTo }: { replyTo?: number } = {}): Outgoing {
    return this.#append({ action: "sendMessage", text, ...(replyTo === undefined ? {} : { replyTo }) });
  }

  edit(target: number, text: string): Outgoing {
    return this.#append({ action: "editMessage", target, text });
  }

  delete(target: number): Outgoing {
    return this.#append({ action: "deleteMessage", target });
  }

  react(target: number, emoji: string, on = true): Outgoing {
    return this.#append({ action: "react", target, emoji, on });
  }

  history({ before, limit = 100 }: { before?: number; limit?: number } = {}): PagedHistory {
    const fetch = async (at: number | undefined) =>
      (await this.#ask({
        action: "getHistory",
        room: this.name,
        limit,
        ...(at === undefined ? {} : { before: at }),
      })) as Page;
    return new PagedHistory(this.#host.pause, fetch, before);
  }

  async members(): Promise<{ members: User[]; more: boolean }> {
    const { members, more } = (await this.#ask({ action: "listMembers", room: this.name })) as Extract<
      PresenceFrame,
      { members: unknown }
    >;
    return { members, more };
  }

  typing(typing: boolean): void {
    this.#host.tell({ action: "setTyping", room: this.name, typing });
  }

  markRead(seq: number): void {
    this.#host.tell({ action: "markRead", room: this.name, seq });
  }

  get isFollowed(): boolean {
    return this.#delivery !== undefined;
  }

  /** The last position that was delivered. */
  get cursor(): number | undefined {
    return this.#delivery?.cursor;
  }

  resume(stored: StoredAppend[]): void {
    this.#queue.resume(stored);
  }

  /** A connection is open; the room was named in its `hello` where that had a place for it. */
  onReady({ heads, resets = [] }: ReadyFrame): void {
    const reset = resets.find(({ room }) => room === this.name);
    if (reset !== undefined) this.#delivery?.reset(reset);
    else this.onHead(heads[this.name], 0);
  }

  /** @param head where the log ends; undefined where the connection is not in the room */
  onHead(head: number | undefined, waitMs?: number): void {
    if (this.#delivery === undefined) return;
    if (head === undefined || this.#delivery.cursor === undefined) void this.#follow();
    else this.#delivery.reach(head, waitMs);
  }

  onFrame(frame: ServerFrame): void {
    if (frame.type === "event") {
      for (const entry of frame.entries.filter(isShown)) {
        if (entry.user.id === this.#host.user()?.id) this.#queue.seen(entry);
      }
      this.#delivery?.push(frame.entries);
    } else if (frame.type === "presence" && "online" in frame) {
      const { user, online } = frame;
      this.#listeners.call((listener) => listener.presence?.({ user, online }));
    } else if (frame.type === "typing") {
      const { user, typing } = frame as TypingFrame;
      this.#listeners.call((listener) => listener.typing?.({ user, typing }));
    } else if (frame.type === "read") {
      const { user, seq } = frame as ReadFrame;
      this.#listeners.call((listener) => listener.read?.({ user, seq }));
    }
  }

  /** The client is closed. */
  stop(): void {
    this.#unfollow();
  }

  #append(append: Append): Outgoing {
    return this.#queue.add(this.#host.newId(), append);
  }

  #deliver(after: number | undefined): Delivery {
    return new Delivery(
      {
        clock: this.#host.clock,
        fetch: async (cursor) =>
          (await this.#ask({
            action: "getHistory",
            room: this.name,
            ...(cursor === undefined ? {} : { after: cursor }),
          })) as Page | Reset,
        onEntries: (entries) => this.#listeners.call((listener) => listener.entries?.(entries)),
        onReset: (reset) => this.#listeners.call((listener) => listener.reset?.(reset)),
        onError: (error) => this.#fail(error),
      },
      after,
    );
  }

  #unfollow(): void {
    this.#delivery?.stop();
    this.#delivery = undefined;
    this.#following = undefined;
  }

  /** Nothing helps: who wants to try again subscribes again. */
  #fail(error: ChatError): void {
    this.#unfollow();
    this.#listeners.call((listener) => listener.error?.(error));
  }

  /** Joins until it is done, or refused for good. */
  async #follow(): Promise<void> {
    const { clock } = this.#host;
    const delivery = this.#delivery;
    if (delivery === undefined) return;
    if (this.#following === delivery) {
      // A connection has opened, say: the pause that it is in now is too long.
      void this.#join().catch(() => {});
      return;
    }
    this.#following = delivery;
    const backoff = new Backoff(clock);
    // A joining that was under way may have been for who followed before.
    while (this.#following === delivery) {
      const error = await this.#join().then(
        () => undefined,
        (thrown) => ChatError.from(thrown, "CONNECTION_LOST"),
      );
      if (error === undefined || this.#following !== delivery) continue;
      if (error.code === "CLOSED") return;
      if (error.retryable) await pause(clock, backoff.next(error.retryAfterMs));
      else this.#fail(error);
    }
  }

  /** The connection is not in the room. Who follows it is to come in again, also when that fails now. @throws ChatError */
  async #rejoin(): Promise<void> {
    try {
      await this.#join();
    } catch (error) {
      if (this.#following !== this.#delivery) void this.#follow();
      throw error;
    }
  }

  /** Joins, and takes the page that comes with it. @throws ChatError */
  #join(): Promise<void> {
    this.#joining ??= this.#joinOnce().finally(() => {
      this.#joining = undefined;
    });
    return this.#joining;
  }

  async #joinOnce(): Promise<void> {
    await this.#leaving;
    const delivery = this.#delivery;
    const after = delivery?.cursor;
    const frame: Asked = { action: "joinRoom", room: this.name, ...(after === undefined ? {} : { after }) };
    let ack: AckFrame;
    try {
      ack = (await this.#host.request(frame)) as AckFrame;
    } catch (error) {
      if ((error as ChatError).code !== "NOT_A_MEMBER") throw error;
      const lost = new ChatError("CONNECTION_LOST", "the server does not know the connection any more", {
        cause: error,
      });
      this.#host.replaceConnection(lost);
      throw lost;
    }
    // Somebody may have left meanwhile, and come back.
    if (delivery === undefined || delivery !== this.#delivery) return;
    this.#following = undefined;
    if (ack.reset !== undefined) delivery.reset(ack.reset);
    else if (ack.page !== undefined) delivery.take(ack.page);
  }

  /** Asks as a member. @throws ChatError */
  async #ask(frame: Asked): Promise<ServerFrame> {
    try {
      return await this.#host.request(frame);
    } catch (error) {
      if ((error as ChatError).code !== "NOT_A_MEMBER") throw error;
      await this.#rejoin();
      return this.#host.request(frame);
    }
  }
}
