/** A room of a client: the methods that the application calls, and those that pass on what the server sends. */
import type { User } from "../../protocol/entries.ts";
import type { Page, PresenceFrame, ReadFrame, Reset, ServerFrame, TypingFrame } from "../../protocol/responses.ts";
import type { Clock } from "../clock.ts";
import { isShown } from "../entryKinds.ts";
import type { ChatError } from "../errors.ts";
import { Listeners } from "../listeners.ts";
import type { Outgoing } from "../outbox/outgoing.ts";
import { AppendQueue } from "../outbox/queue.ts";
import type { Append, AppendStore, StoredAppend } from "../outbox/store.ts";
import type { Asked, Connection } from "../session/connection.ts";
import { Delivery } from "./delivery.ts";
import { Membership } from "./membership.ts";
import { PagedHistory } from "./pagedHistory.ts";
import type { Room, RoomListener, Subscription } from "./room.ts";
import { Typists } from "./typists.ts";

/** The parts of the client that a room needs. */
export interface RoomHost {
  clock: Clock;
  newId: () => string;
  store: AppendStore;
  /** Resolves when the appends in the store have been queued. */
  loaded: Promise<unknown>;
  user: () => User | undefined;
  /** Returns the place of the next append among all appends. */
  nextOrder: () => number;
  /**
   * Waits for a connection.
   *
   * @param isPatient whether to keep waiting while the client is stopped
   * @throws ChatError
   */
  connected: (isPatient?: boolean) => Promise<Connection>;
  /** @throws ChatError CLOSED */
  pause: (ms: number) => Promise<void>;
  /**
   * Sends a request, and repeats it with a new token if the old one has expired.
   *
   * @param isPatient whether to keep waiting for a connection while the client is stopped
   * @throws ChatError
   */
  request: (frame: Asked, isPatient?: boolean) => Promise<ServerFrame>;
  /** Sends a frame that has no answer. */
  tell: (frame: Asked) => void;
  refreshToken: () => Promise<void>;
  /** Gives up a connection that the server no longer knows. */
  replaceConnection: (why: ChatError) => void;
}

export class ClientRoom implements Room {
  readonly name: string;
  readonly #host: RoomHost;
  /** Functions that each call one method of a listener. */
  readonly #listeners = new Listeners<[about: (listener: RoomListener) => void]>();
  readonly #queue: AppendQueue;
  readonly #membership: Membership;
  readonly #typists: Typists;

  constructor(name: string, host: RoomHost) {
    this.name = name;
    this.#host = host;
    this.#membership = new Membership({
      room: name,
      clock: host.clock,
      connected: () => host.connected(),
      request: (frame) => host.request(frame, true),
      onForgotten: host.replaceConnection,
      onRefused: (error) => this.#listeners.call((listener) => listener.error?.(error)),
    });
    this.#typists = new Typists(host.clock, (change) => this.#listeners.call((listener) => listener.typing?.(change)));
    this.#queue = new AppendQueue({
      ...host,
      room: name,
      connected: () => host.connected(true),
      join: () => this.#membership.rejoin(),
      onChange: (appends) => this.#listeners.call((listener) => listener.outgoing?.(appends)),
    });
  }

  subscribe(listener: RoomListener, { after }: { after?: number } = {}): Subscription {
    const remove = this.#listeners.add((about) => about(listener));
    if (!this.isFollowed) this.#membership.follow(this.#newDelivery(after));
    return {
      unsubscribe: () => {
        remove();
        if (this.#listeners.size === 0) this.#membership.unfollow();
      },
    };
  }

  leave(): Promise<void> {
    this.#listeners.clear();
    this.#queue.onLeave();
    return this.#membership.leave();
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

  async invite(user: string, { moderator = false }: { moderator?: boolean } = {}): Promise<void> {
    await this.#ask({ action: "invite", room: this.name, user, moderator });
  }

  async ban(user: string): Promise<void> {
    await this.#ask({ action: "ban", room: this.name, user });
  }

  typing(typing: boolean): void {
    this.#host.tell({ action: "setTyping", room: this.name, typing });
  }

  markRead(seq: number): void {
    this.#host.tell({ action: "markRead", room: this.name, seq });
  }

  get isFollowed(): boolean {
    return this.#membership.delivery !== undefined;
  }

  /** The last position that was delivered. */
  get cursor(): number | undefined {
    return this.#membership.delivery?.cursor;
  }

  /** Queues appends that an earlier client left in the store. */
  resume(stored: StoredAppend[]): void {
    this.#queue.resume(stored);
  }

  /** Called when a connection has opened. Its `hello` named this room if there was space for it. */
  onReady(heads: Map<string, number>, resets: Reset[] = []): void {
    const reset = resets.find(({ room }) => room === this.name);
    if (reset !== undefined) this.#membership.delivery?.reset(reset);
    else this.onHead(heads.get(this.name), 0);
  }

  /** @param head last position of the log; undefined if the connection isn't in the room */
  onHead(head: number | undefined, waitMs?: number): void {
    const { delivery } = this.#membership;
    if (head === undefined || delivery?.cursor === undefined) this.#membership.lost();
    else delivery.reach(head, waitMs);
  }

  onFrame(frame: ServerFrame): void {
    if (frame.type === "event") {
      for (const entry of frame.entries.filter(isShown)) {
        if (entry.user.id === this.#host.user()?.id) this.#queue.seen(entry);
      }
      this.#membership.delivery?.push(frame.entries);
    } else if (frame.type === "presence" && "online" in frame) {
      const { user, online } = frame;
      this.#listeners.call((listener) => listener.presence?.({ user, online }));
    } else if (frame.type === "typing") {
      const { user, typing } = frame as TypingFrame;
      if (typing) this.#typists.begin(user);
      else this.#typists.end(user);
    } else if (frame.type === "read") {
      const { user, seq } = frame as ReadFrame;
      this.#listeners.call((listener) => listener.read?.({ user, seq }));
    }
  }

  /** Called when the client is closed. */
  stop(): void {
    this.#membership.unfollow();
    this.#queue.close();
  }

  #append(append: Append): Outgoing {
    return this.#queue.add(this.#host.newId(), append);
  }

  #newDelivery(after: number | undefined): Delivery {
    return new Delivery(
      {
        clock: this.#host.clock,
        fetch: async (after) =>
          (await this.#ask(
            { action: "getHistory", room: this.name, ...(after === undefined ? {} : { after }) },
            // The subscription stays while the client is stopped.
            true,
          )) as Page | Reset,
        onEntries: (entries) => {
          for (const { kind, user } of entries) if (kind === "message") this.#typists.end(user);
          this.#listeners.call((listener) => listener.entries?.(entries));
        },
        onReset: (reset) => this.#listeners.call((listener) => listener.reset?.(reset)),
        onError: (error) => {
          this.#membership.unfollow();
          this.#listeners.call((listener) => listener.error?.(error));
        },
      },
      after,
    );
  }

  /** Sends a request that needs membership. @throws ChatError */
  async #ask(frame: Asked, isPatient?: boolean): Promise<ServerFrame> {
    const { departures } = this.#membership;
    try {
      return await this.#host.request(frame, isPatient);
    } catch (error) {
      // If the application has left the room in the meantime, the client doesn't join it again.
      const hasLeft = departures !== this.#membership.departures;
      if (hasLeft || (error as ChatError).code !== "NOT_A_MEMBER") throw error;
      await this.#membership.rejoin();
      return this.#host.request(frame, isPatient);
    }
  }
}
