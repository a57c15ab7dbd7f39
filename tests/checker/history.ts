/** Everything that happened in a run, in order. Properties are checked on it, it is hashed, and people read it. */
import { createHash } from "node:crypto";

/** A frame in either direction; the properties check its shape. */
// biome-ignore lint/suspicious/noExplicitAny: clients of all kinds send all kinds of frames
export type Frame = any;

/** An event in a run. `invocation` is the key of an invocation (see invocation.ts). */
export type Happening =
  // Events of clients.
  | { kind: "frame out"; client: string; user: string; connection: string; frame: Frame }
  | { kind: "frame in"; client: string; user: string; connection: string; frame: Frame; bytes: number }
  | { kind: "connection"; client: string; connection: string; state: "opening" | "refused" | "closed" }
  | { kind: "connection"; client: string; connection: string; state: "open"; user: string; expiresAt: number }
  | { kind: "called"; client: string; user: string; room: string; id: string; append: object }
  | { kind: "acknowledged"; client: string; room: string; id: string; seq: number; sentAt: number }
  | { kind: "given up"; client: string; room: string; id: string; code: string }
  | { kind: "followed"; client: string; view: string; room: string; after: number | undefined }
  | { kind: "entries"; client: string; view: string; room: string; entries: Frame[] }
  | { kind: "reset"; client: string; view: string; room: string; head: number }
  | { kind: "unfollowed"; client: string; view: string; room: string }
  | { kind: "history"; client: string; room: string; entries: Frame[]; more: boolean }
  | { kind: "error"; client: string; room: string; code: string }
  | { kind: "state"; client: string; state: string }
  | { kind: "did"; client: string; what: string }
  // Events of the server.
  | { kind: "invoked"; invocation: string; connection: string | undefined; frame: Frame }
  | { kind: "returned"; invocation: string; answer: Frame; excuse: string | undefined }
  | { kind: "failed"; invocation: string; why: string; excuse: string | undefined }
  | { kind: "call"; invocation: string; call: string; effect: string }
  | { kind: "handed out"; invocation: string; room: string; seq: number }
  /** The invocation learns from an answer that it has this position. */
  | { kind: "learned"; invocation: string; room: string; seq: number }
  | { kind: "stored"; invocation: string; room: string; seq: number; was: "new" | "there"; entry: Frame }
  | { kind: "member"; invocation: string; room: string; connection: string; is: boolean; present: boolean }
  /** The connection's row in the room now says that others know about it. */
  | { kind: "appeared"; invocation: string; room: string; connection: string }
  /** A function reads the people in a room, for presence. */
  | { kind: "people read"; invocation: string; room: string }
  /** A fan-out reads a page of a room's members. */
  | { kind: "members read"; invocation: string; room: string }
  /** A function requests an asynchronous invocation. */
  | { kind: "handed over"; invocation: string }
  | { kind: "post"; invocation: string; connection: string; frame: Frame; bytes: number }
  /** A post is answered with 410, rightly or wrongly. */
  | { kind: "gone"; invocation: string; connection: string }
  // Events of the world.
  | { kind: "fault"; fault: string; where: string }
  | { kind: "phase"; phase: string }
  | { kind: "unhandled"; error: string };

export type Timed = Happening & { at: number };

/** All events of one kind. */
export type Of<Kind extends Happening["kind"]> = Extract<Happening, { kind: Kind }> & { at: number };

export class History {
  readonly happenings: Timed[] = [];
  readonly #elapsed: () => number;

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  add(happening: Happening): void {
    this.happenings.push(Object.assign(happening, { at: this.#elapsed() }));
  }

  all<Kind extends Happening["kind"]>(kind: Kind): Of<Kind>[] {
    return this.happenings.filter((happening): happening is Of<Kind> & Timed => happening.kind === kind);
  }

  /** A hash, which is equal for equal histories. */
  hash(): string {
    return createHash("sha256").update(JSON.stringify(this.happenings)).digest("base64url").slice(0, 16);
  }
}
