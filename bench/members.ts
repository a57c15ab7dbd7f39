/** Lobby members who only read, and the entries pushed to each of them. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { requestToken } from "../cli/localIssuer.ts";
import type { EventFrame } from "../protocol/responses.ts";

export interface MembersOrder {
  url: string;
  issuer: string;
  count: number;
  /** Beginning of the members' user names. @default reader */
  name?: string;
}

/** The pushes to members since the last call of {@link Members.take}. */
export interface Pushed {
  /** Number of entries, summed over all members. */
  entries: number;
  /** Number of missed entries, summed over all members: those that were pushed only to other members. */
  missed: number;
  /** Number of repeated pushes of an entry to the same member, summed over all members. */
  doubled: number;
  /** When the last entry arrived, in milliseconds since 1970. */
  lastAt: number;
}

/** A request to a process of members, see {@link serveMembers}. */
export type MembersRequest =
  /** Waits for this many entries, see {@link Members.settle}. */
  | { acked: number }
  /** Disconnects this many members. */
  | { leave: number };

/**
 * Runs members in this process. The parent's first message connects them; each later message is answered with the
 * pushes since the previous one.
 */
export async function serveMembers(): Promise<void> {
  const [order] = (await once(process, "message")) as [MembersOrder];
  const members = await Members.connect(order);
  process.on("message", async (request: MembersRequest) => {
    if ("leave" in request) members.leave(request.leave);
    else await members.settle(request.acked);
    process.send?.(members.take());
  });
  process.send?.("connected");
}

/** After this long without a push, no further pushes are expected. */
const QUIET_MS = 3_000;

/** Concurrent handshakes. */
const HANDSHAKES = 16;

/** Number of recent frames whose parsed form is kept, because every member gets the same ones. */
const KNOWN_FRAMES = 32;

class Members {
  /** The positions received, by member and in order of arrival. */
  readonly #seqs: number[][] = [];
  readonly #known = new Map<string, number[]>();
  readonly #sockets: WebSocket[] = [];
  #lastAt = 0;

  static async connect({ url, issuer, count, name = "reader" }: MembersOrder): Promise<Members> {
    const members = new Members();
    let next = 0;
    const connectSome = async () => {
      while (next < count) await members.#connect(url, issuer, `${name}-${next}`, next++);
    };
    await Promise.all(Array.from({ length: HANDSHAKES }, connectSome));
    return members;
  }

  async #connect(url: string, issuer: string, user: string, index: number): Promise<void> {
    const token = await requestToken(issuer, { user });
    const socket = new WebSocket(url, ["chat.v1", `bearer.${token}`]);
    const seqs: number[] = [];
    this.#seqs[index] = seqs;
    this.#sockets[index] = socket;
    socket.on("message", (data) => {
      const added = this.#seqsOf(data.toString());
      seqs.push(...added);
      if (added.length > 0) this.#lastAt = Date.now();
    });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  }

  #seqsOf(text: string): number[] {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const frame = JSON.parse(text) as EventFrame | { type: "other" };
    const seqs = frame.type === "event" ? frame.entries.map(({ seq }) => seq) : [];
    this.#known.set(text, seqs);
    const [oldest] = this.#known.keys();
    if (this.#known.size > KNOWN_FRAMES) this.#known.delete(oldest as string);
    return seqs;
  }

  /**
   * Resolves once every member has received this many entries since the last call of {@link take}, or no entry has
   * arrived for a while.
   */
  async settle(entries: number): Promise<void> {
    for (let before = -1; before !== this.#total; ) {
      before = this.#total;
      await sleep(QUIET_MS);
      if (this.#seqs.every((seqs) => new Set(seqs).size >= entries)) return;
    }
  }

  get #total(): number {
    return this.#seqs.reduce((sum, seqs) => sum + seqs.length, 0);
  }

  /** Disconnects this many members at once, without a closing handshake. */
  leave(count: number): void {
    this.#seqs.splice(0, count);
    for (const socket of this.#sockets.splice(0, count)) socket.terminate();
  }

  /** Counts the pushes since its last call. */
  take(): Pushed {
    const all = new Set(this.#seqs.flat());
    const pushed: Pushed = { entries: 0, missed: 0, doubled: 0, lastAt: this.#lastAt };
    for (const seqs of this.#seqs) {
      const own = new Set(seqs);
      pushed.entries += own.size;
      pushed.missed += all.size - own.size;
      pushed.doubled += seqs.length - own.size;
      seqs.length = 0;
    }
    return pushed;
  }
}
