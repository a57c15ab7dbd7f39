/** What properties look up: the tables as they are at the end, and the history by what it is about. */
import type { Frame, History, Of } from "../history.ts";
import type { Plan } from "../plan.ts";
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
  /** Of the table with the logs. */
  items: Item[];
  /** Rooms that a new client could not read to their end. */
  unread: string[];
  /** Clients that had not sent and seen all long after the last fault, with nobody sending any more. */
  unsettled: string[];
  /** What clients still hold unsent. */
  unsent: string[];
}

const APPENDS = new Set(["sendMessage", "editMessage", "deleteMessage", "react"]);
export const DAY_MS = 24 * 3_600_000;

/** A frame that appends, as a client sent it or as a function got it. */
export interface Attempt {
  at: number;
  user: string;
  room: string;
  id: string;
  /** Of what it asks for, without what a retry may change. */
  content: string;
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
  /** Frames out that append. */
  readonly attempts: Attempt[];
  readonly acks: Ack[];
  readonly #canonical = new Map<Frame, string>();

  constructor(outcome: Outcome) {
    this.outcome = outcome;
    this.history = outcome.history;
    for (const item of outcome.items) this.#add(item);
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

  /** Tells whether an entry that was seen is the one in the table. */
  isStored(room: string, seen: Frame): boolean {
    const stored = this.entry(room, seen.seq);
    if (stored === undefined) return false;
    let text = this.#canonical.get(stored);
    if (text === undefined) {
      text = canonical(stored);
      this.#canonical.set(stored, text);
    }
    return seen.kind === "void" ? stored.kind === "void" : text === canonical(seen);
  }

  #add(item: Item): void {
    const { pk, sk, at: _, ...content } = plain(item) as { pk: string; sk: number; at?: number };
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
      if (happening.kind === "invoked") invoked.set(happening.invocation, happening);
      else if (happening.kind === "post") add(happening.at, happening.invocation, happening.frame);
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
