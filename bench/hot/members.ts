/** Members of the lobby who only read, and what each of them was pushed. */
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { requestToken } from "../../cli/localIssuer.ts";
import type { EventFrame } from "../../protocol/responses.ts";

export interface MembersOrder {
  url: string;
  issuer: string;
  count: number;
}

/** What members were pushed since they were asked last. */
export interface Pushed {
  /** Entries, over all members. */
  entries: number;
  /** Entries that some member was pushed and this one wasn't. */
  missed: number;
  /** Entries that a member was pushed more than once. */
  doubled: number;
}

/** Without a push for so long, nothing more is expected. */
const QUIET_MS = 3_000;

/** Handshakes under way at once. */
const HANDSHAKES = 16;

/** Frames that are alike are read once. */
const KNOWN_FRAMES = 32;

export class Members {
  /** By member: its positions, in the order in which they came. */
  readonly #seqs: number[][] = [];
  readonly #known = new Map<string, number[]>();

  static async connect({ url, issuer, count }: MembersOrder): Promise<Members> {
    const members = new Members();
    let next = 0;
    const connectSome = async () => {
      while (next < count) await members.#connect(url, issuer, next++);
    };
    await Promise.all(Array.from({ length: HANDSHAKES }, connectSome));
    return members;
  }

  async #connect(url: string, issuer: string, index: number): Promise<void> {
    const token = await requestToken(issuer, { user: `reader-${index}` });
    const socket = new WebSocket(url, ["chat.v1", `bearer.${token}`]);
    const seqs: number[] = [];
    this.#seqs[index] = seqs;
    socket.on("message", (data) => seqs.push(...this.#seqsOf(data.toString())));
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

  /** Resolves once every member has been pushed so many entries since the last time, or nothing has come for a while. */
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

  /** Counts what was pushed since the last time. */
  take(): Pushed {
    const all = new Set(this.#seqs.flat());
    const pushed: Pushed = { entries: 0, missed: 0, doubled: 0 };
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
