/**
 * Joining and leaving one room.
 *
 *             follow                    acknowledged
 *   absent ───────────────> entering ───────────────> present
 *     ^                      │    ^                      │
 *     │  unfollow, refused   │    └──── not a member ────┤
 *     └──────────────────────┴───────── unfollow ────────┘
 *
 * These states belong to the subscription. A message or a page of history may need membership without a subscription,
 * so the request in flight has states of its own: none, joining, leaving.
 */
import type { AckFrame, ServerFrame } from "../../protocol/responses.ts";
import { Backoff } from "../backoff.ts";
import { type Clock, pause } from "../clock.ts";
import { ChatError } from "../errors.ts";
import type { Asked } from "../session/connection.ts";
import type { Delivery } from "./delivery.ts";

type Following =
  /** Nobody is subscribed. */
  | { name: "absent" }
  /** Retries joining until the server acknowledges it or refuses for good. */
  | { name: "entering"; delivery: Delivery }
  /** The client assumes that it receives pushes. */
  | { name: "present"; delivery: Delivery };

/**
 * The request to join or leave that is in flight. There is only one at a time, because frames of one connection can
 * overtake each other.
 */
interface Exchange {
  name: "none" | "joining" | "leaving";
  done: Promise<void>;
}

const ABSENT: Following = { name: "absent" };
const NONE: Exchange = { name: "none", done: Promise.resolve() };

export interface MembershipArgs {
  room: string;
  clock: Clock;
  /** Waits for a connection. @throws ChatError if the client is stopped or closed */
  connected: () => Promise<unknown>;
  /** Sends a request as soon as there is a connection, however long that takes. @throws ChatError */
  request: (frame: Asked) => Promise<ServerFrame>;
  /** Called when the server doesn't know the connection. */
  onForgotten: (why: ChatError) => void;
  /** Called when the server refuses the room for good. The room is no longer followed. */
  onRefused: (why: ChatError) => void;
}

export class Membership {
  readonly #args: MembershipArgs;
  #following: Following = ABSENT;
  #exchange: Exchange = NONE;
  /** Number of `leave()` calls. */
  departures = 0;

  constructor(args: MembershipArgs) {
    this.#args = args;
  }

  /** Delivery to the subscribers; undefined without subscribers. */
  get delivery(): Delivery | undefined {
    return this.#following.name === "absent" ? undefined : this.#following.delivery;
  }

  follow(delivery: Delivery): void {
    void this.#enter(delivery);
  }

  unfollow(): void {
    this.delivery?.stop();
    this.#following = ABSENT;
  }

  /** Joins again for the subscribers after the connection turned out not to be in the room. */
  lost(): void {
    if (this.#following.name === "present") void this.#enter(this.#following.delivery);
    // Joins now instead of waiting for the next attempt, because a new connection may have opened.
    else if (this.#following.name === "entering") void this.join().catch(() => {});
  }

  /** Joins again after the server has answered that the connection isn't in the room. @throws ChatError */
  rejoin(): Promise<void> {
    this.lost();
    return this.join();
  }

  /** Joins once; concurrent callers share the request. @throws ChatError */
  join(): Promise<void> {
    return this.#exchange.name === "joining" ? this.#exchange.done : this.#begin("joining", () => this.#join());
  }

  /** @throws ChatError */
  async leave(): Promise<void> {
    const { room, request, connected } = this.#args;
    this.departures++;
    this.unfollow();
    const left = this.#begin("leaving", async () => void (await request({ action: "leaveRoom", room })));
    left.catch(() => {});
    await connected();
    return left;
  }

  /** Sends a request after the one in flight. */
  #begin(name: "joining" | "leaving", request: () => Promise<void>): Promise<void> {
    const done = this.#exchange.done
      .catch(() => {})
      .then(request)
      .finally(() => {
        if (this.#exchange.done === done) this.#exchange = NONE;
      });
    this.#exchange = { name, done };
    return done;
  }

  async #enter(delivery: Delivery): Promise<void> {
    const { clock, onRefused } = this.#args;
    const entering: Following = { name: "entering", delivery };
    this.#following = entering;
    const backoff = new Backoff(clock);
    // Repeats until the state has changed, even after a successful join, which may have belonged to an earlier
    // subscription.
    while (this.#following === entering) {
      try {
        await this.join();
      } catch (thrown) {
        const error = ChatError.from(thrown, "CONNECTION_LOST");
        if (this.#following !== entering || error.code === "CLOSED") return;
        if (error.retryable) await pause(clock, backoff.next(error.retryAfterMs));
        else {
          this.unfollow();
          onRefused(error);
        }
      }
    }
  }

  async #join(): Promise<void> {
    const { delivery } = this;
    const ack = await this.#requestToJoin(delivery?.cursor);
    // In the meantime the subscription may have ended, and another one may have begun.
    if (delivery === undefined || delivery !== this.delivery) return;
    this.#following = { name: "present", delivery };
    if (ack.reset !== undefined) delivery.reset(ack.reset);
    else if (ack.page !== undefined) delivery.take(ack.page);
  }

  async #requestToJoin(after: number | undefined): Promise<AckFrame> {
    const { room, request, onForgotten } = this.#args;
    try {
      return (await request({ action: "joinRoom", room, ...(after === undefined ? {} : { after }) })) as AckFrame;
    } catch (error) {
      if ((error as ChatError).code !== "NOT_A_MEMBER") throw error;
      const lost = new ChatError("CONNECTION_LOST", "the server no longer knows the connection", {
        cause: error,
      });
      onForgotten(lost);
      throw lost;
    }
  }
}
