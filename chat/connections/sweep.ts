/**
 * Finds connections that ended without `$disconnect`, because API Gateway doesn't call it for every connection. Checks
 * are grouped by the minute in which they are due (due.ts), so a sweep reads no check that isn't due. A new connection
 * is due after one period (the time between two sweeps); after each check that finds it open, it is due again after
 * almost two periods. All of a person's connections are due when the person connects again.
 */
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { announceSlot } from "../presence/announceSlot";
import { depart, leaveAllRooms } from "../presence/departures";
import type { Resource } from "../resource";
import { batchWrite, type WriteRequest } from "../tables/batchWrite";
import { dynamodb } from "../tables/client";
import { type Connection, connectionsAmong, connectionsOf, membershipIn } from "./connections";
import { close, isOpen } from "./connectionsApi";
import { dueIn, duePut, MINUTE_MS, minuteOf } from "./due";
import { YOUNG_MS } from "./young";

/** Age of the oldest minute that a sweep reads: no connection lives longer than two hours, so nothing older is due. */
const MAX_MINUTES = 130;

/** Connections per batch of reads: DynamoDB's limit. */
const BATCH = 100;

/** A client that hasn't refreshed its token this long after it expired never will. */
const TOKEN_GRACE_MS = 10 * MINUTE_MS;

const CURSOR = { pk: "SWEEP", sk: "#" };

export interface SweepDeps {
  connections: Resource<"GetItem" | "BatchGetItem" | "PutItem" | "Query" | "BatchWriteItem">;
  posts: Resource<"GET" | "POST" | "DELETE">;
}

export interface SweepTally {
  looked: number;
  gone: number;
  /** Connections that were open although their token had expired long before, and that the sweep closed. */
  closed: number;
  failed: number;
}

/**
 * Checks all due rows, removes connections that are gone, and announces their departure.
 *
 * @param everyMs time between sweeps
 * @param until time to stop, in milliseconds since 1970; the next sweep does the rest
 */
export async function sweep(deps: SweepDeps, everyMs: number, until: number): Promise<SweepTally> {
  const run = new SweepRun(deps, everyMs, until);
  const { connections } = deps;
  const now = Date.now();
  const { Item } = await dynamodb.send(new GetCommand({ TableName: connections, Key: CURSOR, ConsistentRead: true }));
  const oldest = minuteOf(now) - MAX_MINUTES;
  // If an earlier sweep's clock was ahead, the minute that it stored must not keep later sweeps from checking anything.
  let through = Math.min(Math.max(oldest, Number(Item?.through ?? oldest)), minuteOf(now - MINUTE_MS));
  try {
    for (let minute = through + 1; minute <= minuteOf(now); minute++) {
      if (!(await run.lookAtMinute(minute))) break;
      // The current minute isn't complete: rows may still be added to it.
      if (minute < minuteOf(now)) through = minute;
    }
  } finally {
    // Completed minutes stay completed, even if a later one fails.
    await dynamodb.send(new PutCommand({ TableName: connections, Item: { ...CURSOR, through } }));
  }
  await run.announce();
  return run.tally;
}

class SweepRun {
  readonly tally: SweepTally = { looked: 0, gone: 0, closed: 0, failed: 0 };
  readonly #deps: SweepDeps;
  readonly #everyMs: number;
  readonly #until: number;
  /** Connections that this sweep has checked. Several rows may lead to the same connection. */
  readonly #seen = new Set<string>();
  readonly #slots = new Set<number>();
  /** By connection id, the room in which a fan-out found the connection gone. */
  readonly #foundIn = new Map<string, string>();

  constructor(deps: SweepDeps, everyMs: number, until: number) {
    this.#deps = deps;
    this.#everyMs = everyMs;
    this.#until = until;
  }

  /** @returns false if time ran out before the minute was done */
  async lookAtMinute(minute: number): Promise<boolean> {
    if (Date.now() >= this.#until) return false;
    for await (const rows of dueIn(this.#deps.connections, minute)) {
      const ids = await this.#connectionsIn(rows.map(({ sk }) => sk as string));
      for (const { sk, room } of rows)
        if (room !== undefined) this.#foundIn.set((sk as string).slice("CONN#".length), room as string);
      for (let done = 0; done < ids.length; done += BATCH) {
        await this.#lookAt(ids.slice(done, done + BATCH));
        if (Date.now() >= this.#until) return false;
      }
    }
    return true;
  }

  /**
   * Announces departures at once: these connections have been gone for minutes, so there is no need to wait for a
   * reconnect.
   */
  async announce(): Promise<void> {
    for (const slot of this.#slots) await announceSlot(this.#deps, slot);
  }

  /** Returns the ids of the connections that these rows lead to, excluding those already checked. */
  async #connectionsIn(keys: string[]): Promise<string[]> {
    const ids: string[] = [];
    for (const key of keys) {
      const [, kind, id = ""] = /^([A-Z]+)#(.*)$/s.exec(key) ?? [];
      if (kind === "CONN") ids.push(id);
      else if (kind === "USER") ids.push(...(await connectionsOf(this.#deps.connections, id)).map((one) => one.id));
      else this.#slots.add(Number(id));
    }
    const unseen = [...new Set(ids)].filter((id) => !this.#seen.has(id));
    for (const id of unseen) this.#seen.add(id);
    return unseen;
  }

  async #lookAt(ids: string[]): Promise<void> {
    const { connections } = this.#deps;
    const found = new Map((await connectionsAmong(connections, ids)).map((one) => [one.id, one]));
    const again: WriteRequest[] = [];
    await Promise.all(
      ids.map(async (id) => {
        const connection = found.get(id);
        try {
          const afterMs = connection === undefined ? await this.#removeRest(id) : await this.#look(connection);
          if (afterMs !== undefined) again.push(duePut("CONN", id, Date.now() + Math.max(MINUTE_MS, afterMs)));
        } catch {
          this.tally.failed += 1;
          again.push(duePut("CONN", id, Date.now() + MINUTE_MS));
        }
      }),
    );
    await batchWrite(connections, again);
  }

  /** @returns milliseconds until the next check; undefined for never */
  async #look(connection: Connection): Promise<number | undefined> {
    const { connections, posts } = this.#deps;
    this.tally.looked += 1;
    if (await isOpen(posts, connection.id)) {
      if (connection.tokenExpiresAt + TOKEN_GRACE_MS <= Date.now()) {
        await close(posts, connection.id);
        this.tally.closed += 1;
      }
      return 2 * this.#everyMs - MINUTE_MS;
    }
    if (Date.now() - connection.connectedAt < YOUNG_MS) return MINUTE_MS;
    const { slot } = await depart(connections, connection);
    if (slot !== undefined) this.#slots.add(slot);
    this.tally.gone += 1;
    return undefined;
  }

  /** Removes the rows that a connection left behind because `$disconnect` failed, or because a late join failed. */
  async #removeRest(id: string): Promise<undefined> {
    const { connections } = this.#deps;
    const room = this.#foundIn.get(id);
    const stray = room === undefined ? undefined : await membershipIn(connections, id, room);
    const { slot } = await leaveAllRooms(connections, id, undefined, stray === undefined ? [] : [stray]);
    if (slot !== undefined) this.#slots.add(slot);
    return undefined;
  }
}
