import type { Room, RoomListener } from "../../client/index.ts";
import type { AuthoredEntry } from "../../protocol/entries.ts";

/** Follows a room and records everything delivered. */
export class Reader {
  readonly entries: AuthoredEntry[] = [];
  readonly heard: { [Event in keyof RoomListener]-?: Parameters<NonNullable<RoomListener[Event]>>[0][] } = {
    entries: [],
    reset: [],
    outgoing: [],
    presence: [],
    typing: [],
    read: [],
    error: [],
  };
  readonly unsubscribe: () => void;
  readonly #waiting = new Set<() => void>();

  constructor(room: Room, after?: number) {
    const note = <Event extends keyof RoomListener>(event: Event, what: (typeof this.heard)[Event][number]) => {
      (this.heard[event] as unknown[]).push(what);
      for (const look of this.#waiting) look();
    };
    const listener: RoomListener = {
      entries: (entries) => {
        this.entries.push(...entries);
        note("entries", entries);
      },
      reset: (reset) => {
        // Earlier entries belong to a log that no longer exists.
        this.entries.length = 0;
        note("reset", reset);
      },
      outgoing: (appends) => note("outgoing", [...appends]),
      presence: (change) => note("presence", change),
      typing: (change) => note("typing", change),
      read: (marker) => note("read", marker),
      error: (error) => note("error", error),
    };
    ({ unsubscribe: this.unsubscribe } = room.subscribe(listener, after === undefined ? {} : { after }));
  }

  /** Texts of the messages, in order of delivery. */
  get texts(): string[] {
    return this.entries.flatMap((entry) => (entry.kind === "message" ? [entry.text] : []));
  }

  get seqs(): number[] {
    return this.entries.map(({ seq }) => seq);
  }

  /** Resolves as soon as the test accepts the entries delivered so far. */
  until(isEnough: (reader: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!isEnough(this)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}
