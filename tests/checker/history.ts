/** What happened in a run, in order: what properties are checked on, what is hashed, and what a person reads. */
import { createHash } from "node:crypto";

/** A frame in either direction; its form is what the properties check. */
// biome-ignore lint/suspicious/noExplicitAny: clients of all kinds send all kinds of frames
export type Frame = any;

/** What there is to say of an invocation beside its name; see functions.ts. */
export type Happening =
  // Clients.
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
  // The server.
  | { kind: "invoked"; invocation: string; connection: string | undefined; frame: Frame }
  | { kind: "returned"; invocation: string; answer: Frame; excuse: string | undefined }
  | { kind: "failed"; invocation: string; why: string; excuse: string | undefined }
  | { kind: "call"; invocation: string; call: string; effect: string }
  | { kind: "handed out"; invocation: string; room: string; seq: number }
  /** The invocation knows by an answer that it has this position. */
  | { kind: "learned"; invocation: string; room: string; seq: number }
  | { kind: "stored"; invocation: string; room: string; seq: number; was: "new" | "there"; entry: Frame }
  | { kind: "member"; invocation: string; room: string; connection: string; is: boolean; present: boolean }
  /** The connection's row in the room says that others know of it. */
  | { kind: "appeared"; invocation: string; room: string; connection: string }
  /** The people in a room are read. */
  | { kind: "people read"; invocation: string; room: string }
  | { kind: "members read"; invocation: string; room: string }
  /** An asynchronous invocation is asked for. */
  | { kind: "handed over"; invocation: string }
  | { kind: "post"; invocation: string; connection: string; frame: Frame; bytes: number }
  /** A post is answered with 410, be it true or not. */
  | { kind: "gone"; invocation: string; connection: string }
  // The world.
  | { kind: "fault"; fault: string; where: string }
  | { kind: "phase"; phase: string }
  | { kind: "unhandled"; error: string };

export type Timed = Happening & { at: number };

/** All of one kind. */
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

  /** Equal for equal histories. */
  hash(): string {
    return createHash("sha256").update(JSON.stringify(this.happenings)).digest("base64url").slice(0, 16);
  }
}
