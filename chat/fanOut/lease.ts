/**
 * The lease on a room's fan-out: its holder posts the entries that others append in the meantime. It is stored in the
 * room's META row, which every append writes anyway, so reading it costs nothing:
 *
 *     leaseOwner   who holds it; absent when nobody does
 *     leaseUntil   when it expires, in milliseconds since 1970
 *     leaseN       counts takes, renewals and releases, so that a late duplicate of a take finds another number
 *     leaseFrom    the first position that the current or last holder posts; it leaves earlier ones to their senders
 *     fanned       everything from there up to this position has been posted
 *     memberCount  number of the room's members, as the last holder counted them
 */
import { randomUUID } from "node:crypto";
import { headKey } from "../log/rows";
import type { Resource } from "../resource";
import { type Row, updateIf } from "../tables/conditionalWrite";

const LEASE_MS = 3_000;

/** The lease as returned by the write that claimed the append's position. */
export interface LeaseSeen {
  owner?: string;
  until: number;
  n?: number;
  from: number;
  fanned: number;
  /** Undefined if the room has never had a lease. */
  memberCount?: number;
  /** When the previous position was claimed; 0 for the room's first. */
  headAt: number;
}

export function leaseIn(room: Row): LeaseSeen {
  const {
    leaseOwner,
    leaseUntil = 0,
    leaseN,
    leaseFrom = Number.POSITIVE_INFINITY,
    fanned = 0,
    memberCount,
    headAt = 0,
  } = room as Partial<{
    leaseOwner: string;
    leaseUntil: number;
    leaseN: number;
    leaseFrom: number;
    fanned: number;
    memberCount: number;
    headAt: number;
  }>;
  return {
    ...(leaseOwner === undefined ? {} : { owner: leaseOwner }),
    ...(leaseN === undefined ? {} : { n: leaseN }),
    until: leaseUntil,
    from: leaseFrom,
    fanned,
    ...(memberCount === undefined ? {} : { memberCount }),
    headAt,
  };
}

/** A lease that this invocation holds, until {@link isLost}. */
export class Lease {
  readonly room: string;
  readonly owner: string;
  readonly #table: Resource<"UpdateItem">;
  /** Everything up to this position has been posted. Renewals and the release store it. */
  fanned: number;
  memberCount = 0;
  /** Whether this invocation no longer holds the lease: ongoing work may finish, but nothing new may start. */
  isLost = false;
  #isKept = true;
  #renewal: ReturnType<typeof setTimeout> | undefined;

  private constructor(table: Resource<"UpdateItem">, room: string, owner: string, fanned: number) {
    this.#table = table;
    this.room = room;
    this.owner = owner;
    this.fanned = fanned;
  }

  /**
   * Takes the lease if it is free or expired, and hasn't changed since it was read when this position was appended.
   *
   * @returns `held` if another invocation took the lease first and is certain to post this position, if it hasn't
   * already: it began with this position or an earlier one, and it can't release the lease before it has posted
   * everything up to the head; undefined if another invocation took the lease but isn't certain to post this position
   */
  static async take(
    table: Resource<"UpdateItem">,
    room: string,
    seq: number,
    seen: LeaseSeen,
  ): Promise<Lease | "held" | undefined> {
    const now = Date.now();
    // A holder whose lease has expired may have left earlier entries that nobody posted, so this one starts with those.
    const fanned = seen.owner === undefined ? seq - 1 : Math.min(seen.fanned, seq - 1);
    const lease = new Lease(table, room, randomUUID(), fanned);
    const failed = await updateIf(table, headKey(room), {
      update: "SET leaseOwner = :me, leaseUntil = :until, leaseN = :next, leaseFrom = :from, fanned = :fanned",
      condition:
        "(attribute_not_exists(leaseOwner) OR leaseUntil < :now) AND " +
        (seen.n === undefined ? "attribute_not_exists(leaseN)" : "leaseN = :seen"),
      values: {
        ":me": lease.owner,
        ":until": now + LEASE_MS,
        ":next": (seen.n ?? 0) + 1,
        ":from": fanned + 1,
        ":fanned": fanned,
        ":now": now,
        ...(seen.n === undefined ? {} : { ":seen": seen.n }),
      },
    });
    // The lease is ours if an earlier attempt took it and only its answer was lost.
    if (failed !== undefined && failed.row?.leaseOwner !== lease.owner) {
      const { owner, until, from, fanned: posted } = leaseIn(failed.row ?? {});
      const isHeld = owner !== undefined && until >= now;
      return from <= seq && (isHeld || posted >= seq) ? "held" : undefined;
    }
    lease.#renewLater();
    return lease;
  }

  /** Continues with a lease that another invocation has handed over. @returns undefined if it is lost */
  static async takeOver(
    table: Resource<"UpdateItem">,
    { room, owner, fanned }: { room: string; owner: string; fanned: number },
  ): Promise<Lease | undefined> {
    const lease = new Lease(table, room, owner, fanned);
    // An asynchronous invocation may run twice or late, so the lease may already be lost.
    await lease.#renew();
    return lease.isLost ? undefined : lease;
  }

  /**
   * Releases the lease if no entry has been appended after those that were posted.
   *
   * @returns the room's last position if there is more to post; undefined if the lease has been released or lost
   */
  async release(): Promise<number | undefined> {
    const failed = await updateIf(this.#table, headKey(this.room), {
      update: "SET fanned = :fanned, memberCount = :count, leaseN = leaseN + :one REMOVE leaseOwner, leaseUntil",
      condition: "leaseOwner = :me AND head = :fanned",
      values: { ":me": this.owner, ":fanned": this.fanned, ":count": this.memberCount, ":one": 1 },
    });
    if (failed !== undefined && failed.row?.leaseOwner === this.owner) return failed.row.head as number;
    // Either our request has released the lease, or an earlier attempt of it had already done so and only the answer
    // was lost, or another invocation has taken the lease.
    this.keepNoLonger();
    this.isLost = true;
    return undefined;
  }

  /** Stops renewing the lease, because it is released or handed over, or should expire. */
  keepNoLonger(): void {
    this.#isKept = false;
    clearTimeout(this.#renewal);
  }

  /**
   * Renews the lease after half of its duration, in parallel with the posts, because a round may take longer than a
   * lease.
   */
  #renewLater(): void {
    if (!this.#isKept) return;
    this.#renewal = setTimeout(() => void this.#renew().catch(() => this.#renewLater()), LEASE_MS / 2);
  }

  async #renew(): Promise<void> {
    const failed = await updateIf(this.#table, headKey(this.room), {
      update: "SET fanned = :fanned, leaseUntil = :until, leaseN = leaseN + :one",
      condition: "leaseOwner = :me",
      values: { ":me": this.owner, ":fanned": this.fanned, ":until": Date.now() + LEASE_MS, ":one": 1 },
    });
    if (failed === undefined) this.#renewLater();
    else this.isLost = true;
  }
}
