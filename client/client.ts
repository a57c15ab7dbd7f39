import type { User } from "../protocol/entries.ts";
import type { ByeFrame, ReadyFrame, RoomsFrame, ServerFrame } from "../protocol/responses.ts";
import { pause, StoppableClock, systemClock } from "./clock.ts";
import { type ChatError, closed } from "./errors.ts";
import type { ClientOptions } from "./options.ts";
import { memoryStore } from "./outbox/memoryStore.ts";
import type { AppendStore } from "./outbox/store.ts";
import { ClientRoom, type RoomHost } from "./room/clientRoom.ts";
import type { Room } from "./room/room.ts";
import type { Asked } from "./session/connection.ts";
import { Heartbeat } from "./session/heartbeat.ts";
import type { NetworkEvents } from "./session/network.ts";
import { Session } from "./session/session.ts";
import type { SocketClass } from "./session/socket.ts";
import type { State } from "./session/state.ts";
import { lifeOf, TokenRefresh } from "./session/tokenRefresh.ts";

const HEARTBEAT_MS = 120_000;

/** Maximum number of rooms that `hello` may name. The others are joined afterward. */
const MAX_HELLO_ROOMS = 25;

export interface RoomSummary {
  name: string;
  /** The last position of the room's log. */
  head: number;
  /** Position up to which the user has read. */
  read: number;
  /** Other people's messages after `read` that weren't deleted, at most 100. */
  unread: number;
  /** Set if there are, or may be, more. */
  unreadMore?: true;
}

/**
 * A client of the chat. It connects at once, and reconnects when necessary until it is closed or stopped.
 *
 * @example
 * const client = new Client({ url: "wss://…/dev", token: async () => (await fetch("/token")).text() });
 * const lobby = client.room("lobby");
 * lobby.subscribe({ entries: (entries) => show(entries) });
 * await lobby.send("hi").acknowledged;
 */
export class Client {
  readonly #clock: StoppableClock;
  readonly #session: Session;
  readonly #refresh: TokenRefresh;
  readonly #heartbeat: Heartbeat;
  readonly #host: RoomHost;
  /** Functions that each reject a promise that the application waits for. */
  readonly #waiting = new Set<() => void>();
  /** Rooms by name. */
  readonly #rooms = new Map<string, ClientRoom>();
  #user: User | undefined;
  #lastOrder = 0;

  constructor(options: ClientOptions) {
    const { url, token, heartbeatMs = HEARTBEAT_MS, store = memoryStore } = options;
    const clock = new StoppableClock(options.clock ?? systemClock);
    this.#clock = clock;
    const newId = options.newId ?? (() => crypto.randomUUID());
    const WebSocket = options.WebSocket ?? (globalThis.WebSocket as unknown as SocketClass);
    const network = options.network ?? (globalThis as { window?: NetworkEvents }).window;
    this.#host = {
      clock,
      newId,
      store,
      loaded: this.#load(store),
      user: () => this.#user,
      nextOrder: () => {
        this.#lastOrder = Math.max(clock.now(), this.#lastOrder + 1);
        return this.#lastOrder;
      },
      connected: (isPatient) => this.#session.connected(isPatient),
      request: (frame, isPatient) => this.#untilClosed(this.#request(frame, isPatient)),
      pause: (ms) => this.#untilClosed(pause(clock, ms)),
      tell: (frame) => this.#session.connection?.tell(frame),
      refreshToken: () => this.#refresh.expired(),
      replaceConnection: (why) => this.#session.replace(why),
    };
    // If loading fails, each message that is sent fails with that error; until one is sent, it doesn't matter.
    this.#host.loaded.catch(() => {});
    this.#session = new Session({
      url,
      token,
      WebSocket,
      clock,
      newId,
      network,
      hello: () => this.#hello(),
      onReady: (ready) => this.#onReady(ready),
      onFrame: (frame) => this.#onFrame(frame),
      onSlow: () => this.#heartbeat.probe(),
    });
    this.#refresh = new TokenRefresh({
      clock,
      token: () => this.#session.tokens.next(),
      connection: () => this.#session.connection,
      onRefused: (refused) => {
        this.#session.tokens.refused = refused;
      },
      onUnusable: (why) => this.#session.replace(why),
      // The server sent no pushes while the token was expired, and a ping finds out what was missed.
      onRefreshed: () => void this.#heartbeat.beat(),
    });
    this.#heartbeat = new Heartbeat({
      clock,
      everyMs: heartbeatMs,
      connection: () => this.#session.connection,
      rooms: () => this.#followed().map(({ name }) => name),
      onHeads: (asked, heads) => {
        for (const name of asked) this.#rooms.get(name)?.onHead(heads.get(name));
      },
      onDead: (why) => this.#session.replace(why),
      onExpired: () => this.#tokenExpired(),
    });
  }

  get state(): State {
    return this.#session.state;
  }

  /** The user according to the server; undefined before the first connection is open. */
  get user(): User | undefined {
    return this.#user;
  }

  /** @returns a function that removes the listener */
  onState(listener: (state: State) => void): () => void {
    return this.#session.states.add(listener);
  }

  /** A room by name. This sends nothing to the server. @default "lobby" */
  room(name = "lobby"): Room {
    return this.#roomOf(name);
  }

  /** The rooms that the user has joined and not left, ordered by name. @throws ChatError */
  async rooms(): Promise<RoomSummary[]> {
    const rooms: RoomSummary[] = [];
    let page: RoomsFrame;
    do {
      const after = rooms.at(-1)?.name;
      page = (await this.#host.request({
        action: "listRooms",
        ...(after === undefined ? {} : { after }),
      })) as RoomsFrame;
      rooms.push(...page.rooms.map(({ room, ...counts }) => ({ name: room, ...counts })));
    } while (page.more);
    return rooms;
  }

  /**
   * Checks now whether the connection works and whether entries were missed, for example when a tab is shown again.
   */
  async check(): Promise<void> {
    await this.#heartbeat.beat();
  }

  /** Connects now: after the client has stopped, or instead of waiting for the next attempt. */
  connect(): void {
    this.#session.connect();
  }

  /** Ends the connection. Pending promises reject with `CLOSED`; unacknowledged messages stay in the store. */
  close(): void {
    this.#session.close();
    for (const room of this.#rooms.values()) room.stop();
    this.#clock.stop();
    for (const end of this.#waiting) end();
  }

  async #load(store: AppendStore): Promise<void> {
    const stored = (await store.load()).sort((a, b) => a.order - b.order);
    this.#lastOrder = stored.at(-1)?.order ?? 0;
    for (const name of new Set(stored.map(({ room }) => room))) {
      this.#roomOf(name).resume(stored.filter(({ room }) => room === name));
    }
  }

  #roomOf(name: string): ClientRoom {
    const normalized = name.normalize("NFC");
    let room = this.#rooms.get(normalized);
    if (room === undefined) {
      room = new ClientRoom(normalized, this.#host);
      this.#rooms.set(normalized, room);
      if (this.state.name === "closed") room.stop();
    }
    return room;
  }

  #followed(): ClientRoom[] {
    return [...this.#rooms.values()].filter(({ isFollowed }) => isFollowed);
  }

  #hello(): Extract<Asked, { action: "hello" }> {
    const rooms = this.#followed().flatMap(({ name: room, cursor }) =>
      cursor === undefined ? [] : { room, after: cursor },
    );
    return { action: "hello", rooms: rooms.slice(0, MAX_HELLO_ROOMS) };
  }

  #onReady(ready: ReadyFrame): void {
    this.#user = ready.user;
    this.#refresh.schedule(lifeOf(ready, this.#clock));
    this.#heartbeat.start();
    const heads = new Map(Object.entries(ready.heads));
    for (const room of this.#followed()) room.onReady(heads, ready.resets);
  }

  #onFrame(frame: Exclude<ServerFrame, ByeFrame>): void {
    if (frame.type === "error") {
      // The frame that caused this error expects no answer, so nobody waits for the error.
      if (frame.code === "TOKEN_EXPIRED") this.#tokenExpired();
    } else if ("room" in frame) {
      this.#rooms.get(frame.room)?.onFrame(frame);
    }
  }

  #tokenExpired(): void {
    this.#refresh.expired().catch(() => {});
  }

  /** Settles like the promise, or rejects as soon as the client is closed. */
  #untilClosed<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = () => reject(closed());
      this.#waiting.add(end);
      promise.then(resolve, reject).finally(() => this.#waiting.delete(end));
    });
  }

  async #request(frame: Asked, isPatient?: boolean): Promise<ServerFrame> {
    const connection = await this.#session.connected(isPatient);
    try {
      return await connection.request(frame);
    } catch (error) {
      if ((error as ChatError).code !== "TOKEN_EXPIRED") throw error;
      // If the newer token is refused for good, the request fails with TOKEN_EXPIRED, which says that the request can
      // be repeated.
      await this.#refresh.expired().catch((why: ChatError) => Promise.reject(why.retryable ? why : error));
      return (await this.#session.connected(isPatient)).request(frame);
    }
  }
}
