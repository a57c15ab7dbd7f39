import type { ChatError, RoomSummary, Subscription } from "@serverless-chat/client";
import type { Host } from "./host.ts";
import { Source } from "./source.ts";

/**
 * Maximum number of rooms whose events are followed: as many as `hello` may name. The counts of the others change only
 * with `refresh`, which is called on each new connection.
 */
const MAX_FOLLOWED = 25;

const MAX_UNREAD = 100;

export interface JoinedRoom extends RoomSummary {
  /** Messages that aren't acknowledged yet. */
  waiting: number;
}

export interface RoomsSnapshot {
  /** The rooms that the user has joined, ordered by name. */
  rooms: readonly JoinedRoom[];
  /** Whether the list hasn't arrived yet. */
  isLoading: boolean;
  error: ChatError | undefined;
}

/** One room: the server's counts, and what the room's events have changed since. */
interface Counted {
  summary: RoomSummary;
  /** Positions of other people's messages that arrived after the server sent its counts. */
  since: Set<number>;
  waiting: number;
  subscription: Subscription | undefined;
  shown: JoinedRoom | undefined;
}

export class RoomsSource extends Source<RoomsSnapshot> {
  readonly #host: Host;
  readonly #rooms = new Map<string, Counted>();
  /** Rooms that are open now. They stay in the list even if the server doesn't list them yet. */
  readonly #open = new Set<string>();
  #isStarted = false;

  constructor(host: Host) {
    super({ rooms: [], isLoading: true, error: undefined });
    this.#host = host;
  }

  /** Requests the list from the server. A failure is shown in `error`. */
  readonly refresh = async (): Promise<void> => {
    try {
      const summaries = await this.#host.client.rooms();
      const names = new Set(summaries.map(({ name }) => name));
      for (const name of this.#rooms.keys()) if (!names.has(name) && !this.#open.has(name)) this.#drop(name);
      for (const summary of summaries) this.#count(summary);
      this.#show({ isLoading: false, error: undefined });
    } catch (thrown) {
      const error = thrown as ChatError;
      this.set({ error });
      // The server has refused the request for now.
      if (error.retryAfterMs === undefined) return;
      setTimeout(() => {
        if (this.#isStarted && this.latest.error === error) void this.refresh();
      }, error.retryAfterMs);
    }
  };

  /** Leaves a room. @throws ChatError */
  readonly leave = async (name: string): Promise<void> => {
    this.#open.delete(name);
    this.#drop(name);
    this.#show();
    await this.#host.client.room(name).leave();
  };

  /** Called when a room has been joined and is shown. */
  opened(name: string): void {
    this.#open.add(name);
    this.#countOpen();
    this.#show();
  }

  closed(name: string): void {
    this.#open.delete(name);
  }

  /** Called when the user has read a room up to a position. */
  markRead(name: string, seq: number): void {
    const room = this.#rooms.get(name);
    if (room === undefined) return;
    const { summary } = room;
    for (const unread of room.since) if (unread <= seq) room.since.delete(unread);
    const { unreadMore: _, ...counted } = summary;
    room.summary = {
      ...(seq >= summary.head ? { ...counted, unread: 0 } : summary),
      read: Math.max(summary.read, seq),
    };
    this.#show();
  }

  protected start(): () => void {
    const release = this.#host.retain();
    const { client } = this.#host;
    this.#isStarted = true;
    this.#countOpen();
    const remove = client.onState(({ name }) => {
      if (name === "open") void this.refresh();
    });
    if (client.state.name === "open") void this.refresh();
    return () => {
      this.#isStarted = false;
      remove();
      for (const name of [...this.#rooms.keys()]) this.#drop(name);
      release();
    };
  }

  #countOpen(): void {
    if (!this.#isStarted) return;
    for (const name of this.#open) {
      if (!this.#rooms.has(name)) this.#count({ name, head: 0, read: 0, unread: 0 });
    }
  }

  #count(summary: RoomSummary): void {
    const known = this.#rooms.get(summary.name);
    const room: Counted = known ?? { summary, since: new Set(), waiting: 0, subscription: undefined, shown: undefined };
    room.summary = summary;
    for (const seq of room.since) if (seq <= summary.head) room.since.delete(seq);
    this.#rooms.set(summary.name, room);
    if (room.subscription === undefined && this.#rooms.size <= MAX_FOLLOWED) room.subscription = this.#follow(room);
  }

  #follow(room: Counted): Subscription {
    const { client } = this.#host;
    const { name, head } = room.summary;
    const followed = client.room(name);
    const countWaiting = () => {
      room.waiting = followed.outgoing.filter(({ status }) => status === "waiting").length;
    };
    countWaiting();
    return followed.subscribe(
      {
        entries: (entries) => {
          for (const entry of entries) {
            const isOthers = entry.user.id !== client.user?.id;
            if (entry.kind === "message" && isOthers && entry.seq > Math.max(room.summary.head, room.summary.read)) {
              room.since.add(entry.seq);
            } else if (entry.kind === "delete") room.since.delete(entry.target);
          }
          this.#show();
        },
        outgoing: () => {
          countWaiting();
          this.#show();
        },
        // The user may have read the room on another device.
        read: ({ user, seq }) => {
          if (user.id === client.user?.id) this.markRead(name, seq);
        },
      },
      { after: head },
    );
  }

  #drop(name: string): void {
    this.#rooms.get(name)?.subscription?.unsubscribe();
    this.#rooms.delete(name);
  }

  #show(changes: Partial<RoomsSnapshot> = {}): void {
    const shown = [...this.#rooms.values()].map(shownRoom).sort((a, b) => (a.name < b.name ? -1 : 1));
    const before = this.latest.rooms;
    const isSame = shown.length === before.length && shown.every((room, i) => room === before[i]);
    this.set({ ...changes, rooms: isSame ? before : shown });
  }
}

/** Returns the same object as long as nothing has changed. */
function shownRoom(room: Counted): JoinedRoom {
  const { summary, since, waiting, shown } = room;
  const all = summary.unread + since.size;
  const unread = Math.min(all, MAX_UNREAD);
  const isMore = summary.unreadMore === true || all > MAX_UNREAD;
  const { unreadMore: _, ...counts } = summary;
  const next: JoinedRoom = { ...counts, unread, waiting, ...(isMore ? { unreadMore: true } : {}) };
  const isSame =
    shown !== undefined &&
    shown.unread === unread &&
    shown.unreadMore === next.unreadMore &&
    shown.waiting === waiting &&
    shown.read === summary.read &&
    shown.head === summary.head;
  if (!isSame) room.shown = next;
  return room.shown as JoinedRoom;
}
