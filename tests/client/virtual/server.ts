import type { AuthoredEntry, Entry, EntryContent } from "../../../protocol/entries.ts";
import type { ErrorCode } from "../../../protocol/errors.ts";
import type { Frame } from "../../webSocketClient.ts";
import type { VirtualClock } from "./clock.ts";
import { VirtualSocket } from "./socket.ts";

/** Answers a frame, or stays silent by returning undefined. @param usual gives the server's default answer */
export type Answerer = (frame: Frame, socket: VirtualSocket, usual: () => Frame | undefined) => Frame | undefined;

const APPENDS = new Set(["sendMessage", "editMessage", "deleteMessage", "react"]);
const PAGE = 100;
const YEAR_MS = 365 * 86_400_000;

/** The chat's server in a few lines, without AWS: it follows chat.v1 unless a test overrides an answer. */
export class VirtualServer {
  readonly clock: VirtualClock;
  readonly sockets: VirtualSocket[] = [];
  /** Received frames, in order. */
  readonly received: Frame[] = [];
  readonly WebSocket: new (
    url: string,
    protocols: string[],
  ) => VirtualSocket;
  /** One-way latency. */
  travelMs = 5;
  tokenLifeMs = YEAR_MS;
  /** Decides what happens to a socket that tries to open. */
  handshake: (socket: VirtualSocket) => "open" | "refuse" | "silence" | { status: number } = () => "open";
  /** Whether a refused handshake hides its status, as in browsers. */
  hidesStatus = false;
  /** Decides whether a frame from the server arrives. */
  brings: (frame: Frame, socket: VirtualSocket) => boolean = () => true;
  readonly #logs = new Map<string, Entry[]>();
  readonly #answerers = new Map<string, { answerer: Answerer; times: number }[]>();

  constructor(clock: VirtualClock) {
    this.clock = clock;
    const server = this;
    this.WebSocket = class extends VirtualSocket {
      constructor(url: string, protocols: string[]) {
        super(server, url, protocols);
      }
    };
  }

  /** The socket created last. */
  get latest(): VirtualSocket {
    return this.sockets.at(-1) as VirtualSocket;
  }

  get openSockets(): VirtualSocket[] {
    return this.sockets.filter(({ isOpen }) => isOpen);
  }

  /** Overrides the answers to an action, for a number of frames. The latest override is used first. */
  on(action: string, answerer: Answerer, times = Number.POSITIVE_INFINITY): void {
    this.#answerers.set(action, [{ answerer, times }, ...(this.#answerers.get(action) ?? [])]);
  }

  /** Removes overrides: from now on, every action is answered as chat.v1 says. */
  obey(): void {
    this.#answerers.clear();
    this.handshake = () => "open";
    this.brings = () => true;
  }

  /** Received frames with these actions, in order. */
  asked(...actions: string[]): Frame[] {
    return this.received.filter(({ action }) => actions.includes(action));
  }

  log(room: string): Entry[] {
    const log = this.#logs.get(room) ?? [];
    this.#logs.set(room, log);
    return log;
  }

  /** A room's message texts. */
  texts(room: string): string[] {
    return this.log(room).flatMap((entry) => (entry.kind === "message" ? [entry.text] : []));
  }

  /** Appends an entry to a log without pushing it. @param content a string is a message's text */
  write(room: string, content: string | EntryContent | { kind: string }, user = "bob", id?: string): Entry {
    const log = this.log(room);
    const seq = log.length + 1;
    const said = typeof content === "string" ? { kind: "message", text: content } : content;
    const authored = { ...said, seq, id: id ?? `${user} ${seq}`, user: person(user), sentAt: this.clock.now() };
    const entry = (said.kind === "void" ? { kind: "void", seq } : authored) as Entry;
    log.push(entry);
    return entry;
  }

  /** Posts an event to everyone in the room. */
  push(room: string, ...entries: Entry[]): void {
    for (const socket of this.sockets) {
      if (socket.rooms.has(room)) this.#bring(socket, { type: "event", room, entries });
    }
  }

  /** Posts a frame to everyone in the room. */
  tell(room: string, frame: Frame): void {
    for (const socket of this.sockets) if (socket.rooms.has(room)) this.#bring(socket, { room, ...frame });
  }

  page(room: string, from: number, most = PAGE): Frame {
    const log = this.log(room);
    const through = Math.min(from + most - 1, log.length);
    return {
      type: "page",
      room,
      from,
      through,
      head: log.length,
      more: through < log.length,
      entries: log.slice(from - 1, through).filter(({ kind }) => kind !== "void"),
    };
  }

  // The methods below are called by sockets.

  arrived(socket: VirtualSocket): void {
    this.sockets.push(socket);
    const becomes = this.handshake(socket);
    if (becomes === "open") this.later(() => socket.open());
    if (becomes === "refuse") this.later(() => socket.end(1006, "connect ECONNREFUSED"));
    // `ws` reports this as an error; a browser reports no error.
    if (typeof becomes === "object") {
      this.later(() =>
        socket.end(1006, this.hidesStatus ? undefined : `Unexpected server response: ${becomes.status}`),
      );
    }
  }

  sent(socket: VirtualSocket, frame: Frame): void {
    if (socket.isSilent) return;
    this.later(() => {
      if (socket.readyState === 3) return;
      this.received.push(frame);
      const answer = this.#answer(frame, socket);
      if (answer !== undefined) this.#bring(socket, { id: frame.id, ...answer });
    });
  }

  later(action: () => void): void {
    this.clock.after(this.travelMs, action);
  }

  #bring(socket: VirtualSocket, frame: Frame): void {
    // Serialized now, so that later changes to the object don't affect a frame that was sent.
    const text = JSON.stringify(frame);
    this.later(() => {
      if (socket.isOpen && !socket.isSilent && this.brings(frame, socket)) socket.say(text);
    });
  }

  #answer(frame: Frame, socket: VirtualSocket): Frame | undefined {
    const usual = () => this.#usual(frame, socket);
    const own = this.#answerers.get(frame.action)?.find(({ times }) => times > 0);
    if (own === undefined) return usual();
    own.times -= 1;
    return own.answerer(frame, socket, usual);
  }

  #usual(frame: Frame, socket: VirtualSocket): Frame | undefined {
    const { action, room = "lobby" } = frame;
    const heads = (rooms: string[]) => Object.fromEntries(rooms.map((name) => [name, this.log(name).length]));
    if (action === "hello") {
      const names: string[] = ["lobby", ...frame.rooms.map((named: { room: string }) => named.room)];
      for (const name of names) socket.rooms.add(name);
      const resets = frame.rooms
        .filter((named: { room: string; after?: number }) => (named.after ?? 0) > this.log(named.room).length)
        .map((named: { room: string }) => ({ room: named.room, head: this.log(named.room).length, reason: "ahead" }));
      return {
        type: "ready",
        connectionId: `connection ${this.sockets.indexOf(socket)}`,
        user: person(socket.user),
        ...this.#expiry(),
        limits: {},
        features: [],
        heads: heads(names),
        ...(resets.length === 0 ? {} : { resets }),
      };
    }
    if (action === "ping")
      return { type: "pong", heads: heads(frame.rooms.filter((name: string) => socket.rooms.has(name))) };
    if (action === "refreshToken") return { type: "ack", ...this.#expiry() };
    if (action === "joinRoom") {
      socket.rooms.add(room);
      const { type: _, ...page } = this.#pageOf(room, frame);
      return { type: "ack", ...("reason" in page ? { reset: page } : { page }) };
    }
    if (action === "leaveRoom") {
      socket.rooms.delete(room);
      return { type: "ack" };
    }
    if (action === "listRooms") return { type: "rooms", rooms: [], more: false };
    if (!socket.rooms.has(room)) return refusal("NOT_A_MEMBER");
    if (action === "getHistory") return this.#pageOf(room, frame);
    if (action === "listMembers") return { type: "presence", room, members: [person(socket.user)], more: false };
    if (APPENDS.has(action)) return this.#append(frame, room, socket);
    return undefined;
  }

  #expiry() {
    return { expiresAt: this.clock.serverNow() + this.tokenLifeMs, expiresInMs: this.tokenLifeMs };
  }

  #append(frame: Frame, room: string, socket: VirtualSocket): Frame {
    const known = this.log(room).find(
      (entry) => "id" in entry && entry.id === frame.id && entry.user.id === socket.user,
    );
    const entry = (known ?? this.write(room, contentOf(frame), socket.user, frame.id)) as AuthoredEntry;
    if (known === undefined) this.push(room, entry);
    const { seq, sentAt } = entry;
    return { type: "ack", seq, sentAt, ...(known === undefined ? {} : { duplicate: true }) };
  }

  #pageOf(room: string, { after, before, limit = PAGE }: Frame): Frame {
    const head = this.log(room).length;
    if (after > head) return { type: "reset", room, head, reason: "ahead" };
    if (after !== undefined) return this.page(room, after + 1, limit);
    const last = Math.min((before ?? Number.POSITIVE_INFINITY) - 1, head);
    const from = Math.max(1, last - limit + 1);
    return { ...this.page(room, from, last - from + 1), more: from > 1 };
  }
}

export function refusal(code: ErrorCode, fields: { retryable?: boolean; retryAfterMs?: number } = {}): Frame {
  return { type: "error", code, message: `the server says ${code}`, retryable: false, ...fields };
}

export function person(id: string) {
  return { id, name: id.toUpperCase() };
}

function contentOf({ action, text, replyTo, target, emoji, on = true }: Frame): EntryContent {
  if (action === "editMessage") return { kind: "edit", target, text };
  if (action === "deleteMessage") return { kind: "delete", target };
  if (action === "react") return { kind: "reaction", target, emoji, on };
  return { kind: "message", text, ...(replyTo === undefined ? {} : { replyTo }) };
}
