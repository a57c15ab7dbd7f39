/** What properties look up: the tables as they are at the end, and the history by what it is about. */

import type { Plan } from "../deeds.ts";
import type { Frame, History, Of } from "../history.ts";
import { type Item, plain } from "../store.ts";

/** A property that does not hold. */
export interface Finding {
  property: string;
  says: string;
}

/** A run when it is over. */
export interface Outcome {
  history: History;
  plan: Plan;
  /** Items of the messages table. */
  items: Item[];
  /** Presence long after the last fault, in runs that watch it. */
  presence: Presence | undefined;
  /** Rooms that a new client could not read to their end. */
  unread: string[];
  /** Clients that had not sent and seen all long after the last fault, with nobody sending any more. */
  unsettled: string[];
  /** What clients still hold unsent. */
  unsent: string[];
}

export interface Presence {
  /** Items of the connections table. */
  items: Item[];
  /** Connections that the gateway has open. */
  open: Set<string>;
  /** Connections by their ids. */
  keys: Map<string, string>;
  /** Milliseconds since 1970. */
  now: number;
}

const APPENDS = new Set(["sendMessage", "editMessage", "deleteMessage", "react"]);
export const DAY_MS = 24 * 3_600_000;

/** A frame that appends, as a client sent it or as a function got it. */
export interface Attempt {
  at: number;
  user: string;
  room: string;
  id: string;
  /** Content of the request, without what a retry may change. */
  content: string;
}

/** An append that reached a function. */
export interface Request extends Attempt {
  frame: Frame;
}

/** An invocation's answer to an append, whether or not it arrived. */
export interface Ack extends Attempt {
  invocation: string;
  invokedAt: number;
  seq: number;
  sentAt: number;
  duplicate: boolean;
}

export class Facts {
  readonly outcome: Outcome;
  readonly history: History;
  /** By room and position, what is in the table at the end. */
  readonly logs = new Map<string, Map<number, Frame>>();
  readonly heads = new Map<string, number>();
  /** By room and position, what was written there first: its content may be erased since. */
  readonly #originals = new Map<string, Frame>();
  /** By invocation. */
  readonly #requests = new Map<string, Request>();
  /** Frames out that append. */
  readonly attempts: Attempt[];
  readonly acks: Ack[];
  readonly #canonical = new Map<Frame, string>();

  constructor(outcome: Outcome) {
    this.outcome = outcome;
    this.history = outcome.history;
    for (const item of outcome.items) this.#add(item);
    for (const { room, seq, was, entry } of this.history.all("stored"))
      if (was === "new" && !this.#originals.has(`${room} ${seq}`))
        this.#originals.set(`${room} ${seq}`, { seq, ...entry });
    this.attempts = this.history
      .all("frame out")
      .filter(({ frame }) => isAppend(frame) && frame.id !== undefined)
      .map(({ at, user, frame }) => ({ at, user, ...identityOf(frame) }));
    this.acks = this.#acks();
  }

  log(room: string): Map<number, Frame> {
    let log = this.logs.get(room);
    if (log === undefined) {
      log = new Map();
      this.logs.set(room, log);
    }
    return log;
  }

  entry(room: string, seq: number): Frame | undefined {
    return this.logs.get(room)?.get(seq);
  }

  /** What was written at a position; what stands there at the end may be erased. */
  original(room: string, seq: number): Frame | undefined {
    return this.#originals.get(`${room} ${seq}`);
  }

  /** The append that an invocation was asked for. */
  requestOf(invocation: string): Request | undefined {
    return this.#requests.get(invocation);
  }

  /** Tells whether a client's request is about a message that was deleted by then. */
  isAboutDeleted(client: string, id: string, by: number): boolean {
    const sent = this.history.all("frame out").find((one) => one.client === client && one.frame?.id === id);
    const { room = "lobby", target } = sent?.frame ?? {};
    return this.history
      .all("stored")
      .some((one) => one.room === room && one.entry.kind === "delete" && one.entry.target === target && one.at < by);
  }

  /** Tells whether an entry that was seen is the one in the table: as it was written, or erased as it is there. */
  isStored(room: string, seen: Frame): boolean {
    const stored = seen.erased ? this.entry(room, seen.seq) : this.original(room, seen.seq);
    if (stored === undefined) return false;
    let text = this.#canonical.get(stored);
    if (text === undefined) {
      text = canonical(stored);
      this.#canonical.set(stored, text);
    }
    return seen.kind === "void" ? stored.kind === "void" : text === canonical(seen);
  }

  #add(item: Item): void {
    const { pk, sk, at: _, edits: __, done: ___, ...content } = plain(item) as { pk: string; sk: number } & Frame;
    const [kind, room = ""] = pk.split("#").map(decodeURIComponent) as [string, string?];
    if (kind === "META") this.heads.set(room, (content as { head: number }).head);
    if (kind === "ROOM") this.log(room).set(sk, { seq: sk, ...content });
  }

  #acks(): Ack[] {
    const acks: Ack[] = [];
    const invoked = new Map<string, Of<"invoked">>();
    const users = new Map(
      this.history.all("connection").flatMap((one) => (one.state === "open" ? [[one.connection, one.user]] : [])),
    );
    const add = (at: number, invocation: string, answer: Frame) => {
      const { frame, connection, at: invokedAt } = invoked.get(invocation) as Of<"invoked">;
      if (answer?.type !== "ack" || answer.seq === undefined || !isAppend(frame)) return;
      const user = users.get(connection as string) as string;
      const { seq, sentAt, duplicate = false } = answer;
      acks.push({
        user,
        ...identityOf({ ...frame, id: answer.id }),
        at,
        invocation,
        invokedAt,
        seq,
        sentAt,
        duplicate,
      });
    };
    for (const happening of this.history.happenings) {
      if (happening.kind === "invoked") {
        invoked.set(happening.invocation, happening);
        const { at, invocation, connection, frame } = happening;
        const user = users.get(connection as string);
        if (user !== undefined && isAppend(frame))
          this.#requests.set(invocation, { at, user, frame, ...identityOf(frame) });
      } else if (happening.kind === "post") add(happening.at, happening.invocation, happening.frame);
      else if (happening.kind === "returned") add(happening.at, happening.invocation, happening.answer);
    }
    return acks;
  }
}

export function isAppend(frame: Frame): boolean {
  return APPENDS.has(frame?.action);
}

function identityOf({ room = "lobby", id, retry: _, ...content }: Frame): Pick<Attempt, "room" | "id" | "content"> {
  return { room, id, content: canonical(contentOf(content)) };
}

/** What of a frame, or of an entry, its author wrote. */
export function contentOf({ text, replyTo, target, emoji, on }: Frame): object {
  return { text, replyTo, target, emoji, on };
}

export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(
          Object.entries(member)
            .filter(([, one]) => one !== undefined)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : member,
  );
}

export function keyOf({ user, room, id }: Pick<Attempt, "user" | "room" | "id">): string {
  return `${user} ${room} ${id}`;
}
