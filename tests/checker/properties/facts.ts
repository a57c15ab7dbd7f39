/** Lookups for properties: the final state of the tables, and the history by subject. */

import type { Plan } from "../deeds.ts";
import type { Frame, History, Of } from "../history.ts";
import { type Item, plain } from "../store.ts";

/** A broken property. */
export interface Finding {
  property: string;
  says: string;
}

/** A finished run. */
export interface Outcome {
  history: History;
  plan: Plan;
  /** Items of the messages table. */
  items: Item[];
  /** Presence long after the last fault, in runs that watch it. */
  presence: Presence | undefined;
  /** Rooms that a new client couldn't read to the end. */
  unread: string[];
  /** Clients that, long after the last fault and with no further sends, hadn't sent and seen everything. */
  unsettled: string[];
  /** Ids of the appends that clients still try to send. */
  unsent: string[];
}

export interface Presence {
  /** Items of the connections table. */
  items: Item[];
  /** Keys of the connections that are open at the gateway. */
  open: Set<string>;
  /** Keys of connections by their ids. */
  keys: Map<string, string>;
  /** Milliseconds since 1970. */
  now: number;
}

const APPENDS = new Set(["sendMessage", "editMessage", "deleteMessage", "react"]);
export const DAY_MS = 24 * 3_600_000;

/** A frame that appends, as a client sent it or a function received it. */
export interface Attempt {
  at: number;
  user: string;
  room: string;
  id: string;
  /** The request's content, without the fields that a retry may change. */
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
  /** The final table contents, by room and position. */
  readonly logs = new Map<string, Map<number, Frame>>();
  readonly heads = new Map<string, number>();
  /** The first contents written, by room and position; they may have been erased since. */
  readonly #originals = new Map<string, Frame>();
  /** Requests by invocation. */
  readonly #requests = new Map<string, Request>();
  /** Appending frames that clients sent. */
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

  /** The contents first written at a position; they may have been erased since. */
  original(room: string, seq: number): Frame | undefined {
    return this.#originals.get(`${room} ${seq}`);
  }

  /** The append that an invocation was asked for. */
  requestOf(invocation: string): Request | undefined {
    return this.#requests.get(invocation);
  }

  /** Whether a client's request concerns a message that was deleted before the time `by`. */
  isAboutDeleted(client: string, id: string, by: number): boolean {
    const sent = this.history.all("frame out").find((one) => one.client === client && one.frame?.id === id);
    const { room = "lobby", target } = sent?.frame ?? {};
    return this.history
      .all("stored")
      .some((one) => one.room === room && one.entry.kind === "delete" && one.entry.target === target && one.at < by);
  }

  /** Whether an entry that was seen matches the one in the table, either as first written or as erased. */
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

/** The part of a frame or entry that its author wrote. */
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
