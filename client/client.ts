import type { User } from "../protocol/entries.ts";
import type { ByeFrame, ReadyFrame, RoomsFrame, ServerFrame } from "../protocol/responses.ts";
import { pause, StoppableClock, systemClock } from "./clock.ts";
import type { ChatError } from "./errors.ts";
import type { ClientOptions } from "./options.ts";
import { memoryStore } from "./outbox/memoryStore.ts";
import type { AppendStore } from "./outbox/store.ts";
import { ClientRoom, type RoomHost } from "./room/clientRoom.ts";
import type { Room } from "./room/room.ts";
import type { Asked } from "./session/connection.ts";
import { Heartbeat } from "./session/heartbeat.ts";
import type { NetworkEvents } from "./session/network.ts";
import { closed, Session, type State } from "./session/session.ts";
import type { Socket } from "./session/socket.ts";
import { TokenRefresh } from "./session/tokenRefresh.ts";

const HEARTBEAT_MS = 120_000;

/** Rooms of one `hello`; the others are joined after it. */
const ROOMS_OF_HELLO = 25;

export interface RoomSummary {
  name: string;
  /** The last position of its log. */
  head: number;
  /** How far one has read. */
  read: number;
  /** Other people's messages after that, without those that were deleted; 100 at most. */
  unread: number;
  /** There are more, or there may be. */
  unreadMore?: true;
}

/**
 * A chat's client: it connects at once, and again whenever it has to, until it is closed.
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
  /** Ends what an application waits for. */
  readonly #waiting = new Set<() => void>();
  /** By name. */
  readonly #rooms = new Map<string, ClientRoom>();
  #user: User | undefined;
  #lastOrder = 0;

  constructor(options: ClientOptions) {
    const { url, token, heartbeatMs = HEARTBEAT_MS, store = memoryStore } = options;
    const clock = new StoppableClock(options.clock ?? systemClock);
    this.#clock = clock;
    const newId = options.newId ?? (() => crypto.randomUUID());
    const WebSocket = options.WebSocket ?? (globalThis.WebSocket as unknown as new () => Socket);
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
      connection: () => this.#session.connected(),
      request: (frame) => this.#untilClosed(this.#request(frame)),
      pause: (ms) => this.#untilClosed(pause(clock, ms)),
      tell: (frame) => this.#session.connection?.tell(frame),
      refreshToken: () => this.#refresh.now(),
      replaceConnection: (why) => this.#session.replace(why),
    };
    // Who sends hears of it; without anything to send it matters to nobody.
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
    });
    this.#refresh = new TokenRefresh({
      clock,
      token: () => this.#session.token(),
      connection: () => this.#session.connected(),
      onForgotten: (why) => this.#session.replace(why),
      // Pushes were held back past the end of the last token.
      onRefreshed: () => void this.#heartbeat.beat(),
    });
    this.#heartbeat = new Heartbeat({
      clock,
      everyMs: heartbeatMs,
      connection: () => this.#session.connection,
      rooms: () => this.#followed().map(({ name }) => name),
      onHeads: (asked, heads) => {
        for (const name of asked) this.#rooms.get(name)?.onHead(heads[name]);
      },
      onDead: (why) => this.#session.replace(why),
    });
  }

  get state(): State {
    return this.#session.state;
  }

  /** Who the server says one is; known once a connection was open. */
  get user(): User | undefined {
    return this.#user;
  }

  /** @returns what removes the listener */
  onState(listener: (state: State) => void): () => void {
    return this.#session.states.add(listener);
  }

  /** A room by its name; nothing is asked of the server by that. */
  room(name = "lobby"): Room {
    return this.#roomOf(name);
  }

  /** The rooms that one has joined and not left, in the order of their names. @throws ChatError */
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

  /** Asks at once whether the connection lives and whether something was missed, as after a tab was asleep. */
  async check(): Promise<void> {
    await this.#heartbeat.beat();
  }

  /** Ends the connection; what is not acknowledged yet stays in the store. */
  close(): void {
    for (const room of this.#rooms.values()) room.stop();
    this.#session.close();
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
    return { action: "hello", rooms: rooms.slice(0, ROOMS_OF_HELLO) };
  }

  #onReady(ready: ReadyFrame): void {
    this.#user = ready.user;
    this.#refresh.schedule(ready.expiresAt);
    this.#heartbeat.start();
    for (const room of this.#followed()) room.onReady(ready);
  }

  #onFrame(frame: Exclude<ServerFrame, ByeFrame>): void {
    if (frame.type === "error") {
      // Of what has no answer; the others find their request.
      if (frame.code === "TOKEN_EXPIRED") this.#refresh.now().catch(() => {});
    } else if ("room" in frame) {
      this.#rooms.get(frame.room)?.onFrame(frame);
    }
  }

  /** What waits for the server, or for time, waits for nothing any more when the client is closed. */
  #untilClosed<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = () => reject(closed());
      this.#waiting.add(end);
      promise.then(resolve, reject).finally(() => this.#waiting.delete(end));
    });
  }

  async #request(frame: Asked): Promise<ServerFrame> {
    const connection = await this.#session.connected();
    try {
      return await connection.request(frame);
    } catch (error) {
      if ((error as ChatError).code !== "TOKEN_EXPIRED") throw error;
      // One that is refused may be followed by a better one: whoever asks again has that.
      await this.#refresh.now().catch((why: ChatError) => Promise.reject(why.code === "UNAUTHORIZED" ? error : why));
      return (await this.#session.connected()).request(frame);
    }
  }
}
