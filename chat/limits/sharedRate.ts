import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Resource } from "../resource";
import { dynamodb } from "../tables/client";
import { updateIf } from "../tables/conditionalWrite";
import { setBounded } from "./boundedCache";
import type { Rate } from "./limits";
import { MIN_WAIT_MS } from "./waiting";

/** Frames that arrive within this time after a refusal may have been sent before the client received it. */
const HEARD_MS = 500;

interface Bucket {
  emptyAt: number;
  closedUntil?: number;
}

/**
 * Rate-limit buckets in a table that all functions and environments share, using the generic cell rate algorithm
 * (GCRA). A bucket is a single time: when it will be empty. Each action moves this time into the future by the pause
 * that the rate requires, but no further than the burst allows.
 * https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 *
 * Taking from an empty bucket costs one write unit; taking from any other bucket costs two. After a refusal, this
 * environment doesn't ask the bucket again until the time that the refusal named.
 */
export class SharedRate {
  readonly #table: Resource<"UpdateItem">;
  readonly #kind: string;
  readonly #pauseMs: number;
  readonly #aheadMs: number;
  readonly #refused = new Map<string, { at: number; until: number; isClosed: boolean }>();

  /** @param kind what is counted; each kind has its own buckets */
  constructor(table: Resource<"UpdateItem">, kind: string, { perSecond, burst }: Rate) {
    this.#table = table;
    this.#kind = kind;
    this.#pauseMs = Math.ceil(1_000 / perSecond);
    this.#aheadMs = (burst - 1) * this.#pauseMs;
  }

  /**
   * Checks, without calling DynamoDB, whether this person was refused and hasn't waited long enough.
   *
   * @returns milliseconds left to wait; 0 if there is no need
   */
  refusedMs(key: string): number {
    return Math.max(0, (this.#refused.get(key)?.until ?? 0) - Date.now());
  }

  /** Returns whether this person had time to receive a refusal and still tries again before the time that it named. */
  isIgnored(key: string): boolean {
    const { at = 0, until = 0 } = this.#refused.get(key) ?? {};
    const now = Date.now();
    return now < until && now > at + HEARD_MS;
  }

  /** Returns whether the last refusal came from a closed bucket, and the time that it named hasn't come yet. */
  isClosed(key: string): boolean {
    const { until = 0, isClosed = false } = this.#refused.get(key) ?? {};
    return isClosed && Date.now() < until;
  }

  /**
   * @param amount number of actions at once
   * @returns 0 if they are allowed; otherwise milliseconds to wait
   */
  async take(key: string, amount = 1): Promise<number> {
    const refusedMs = this.refusedMs(key);
    if (refusedMs > 0) return refusedMs;
    const now = Date.now();
    let bucket = await this.#fillEmpty(key, now, amount);
    if (bucket !== undefined && bucket.emptyAt - now <= this.#aheadMs) bucket = await this.#fill(key, now, amount);
    if (bucket === undefined) return 0;
    const waitMs = Math.max(MIN_WAIT_MS, bucket.emptyAt - now - this.#aheadMs);
    const isClosed = now < (bucket.closedUntil ?? 0);
    setBounded(this.#refused, key, { at: now, until: now + waitMs, isClosed });
    return waitMs;
  }

  /** Fills the bucket, so that nothing is allowed for this long; after that, the normal rate applies. */
  async close(key: string, ms: number): Promise<void> {
    const closedUntil = Date.now() + ms;
    const emptyAt = closedUntil + this.#aheadMs;
    await dynamodb.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: this.#keyOf(key),
        UpdateExpression: "SET emptyAt = :emptyAt, closedUntil = :closedUntil, expiresAt = :expiresAt",
        ExpressionAttributeValues: {
          ":emptyAt": emptyAt,
          ":closedUntil": closedUntil,
          ":expiresAt": Math.ceil(emptyAt / 1_000) + 60,
        },
      }),
    );
  }

  /** @returns undefined if the bucket was empty; otherwise its content */
  async #fillEmpty(key: string, now: number, amount: number): Promise<Bucket | undefined> {
    const failed = await updateIf(this.#table, this.#keyOf(key), {
      update: "SET emptyAt = :next, expiresAt = :expiresAt",
      condition: "attribute_not_exists(emptyAt) OR emptyAt <= :now",
      values: { ":next": now + amount * this.#pauseMs, ":now": now, ":expiresAt": this.#expiresAt(now, amount) },
    });
    return failed?.row as Bucket | undefined;
  }

  /** @returns undefined if the bucket had room; otherwise its content */
  async #fill(key: string, now: number, amount: number): Promise<Bucket | undefined> {
    const failed = await updateIf(this.#table, this.#keyOf(key), {
      update: "SET emptyAt = emptyAt + :pause, expiresAt = :expiresAt",
      condition: "emptyAt <= :latest",
      values: {
        ":pause": amount * this.#pauseMs,
        ":latest": now + this.#aheadMs,
        ":expiresAt": this.#expiresAt(now, amount),
      },
    });
    // The TTL may have deleted the row in the meantime; a deleted bucket was empty.
    return failed && ((failed.row as Bucket | undefined) ?? { emptyAt: now });
  }

  #keyOf(key: string) {
    return { pk: `RATE#${this.#kind}#${key}`, sk: "#" };
  }

  /** Time by which the bucket is certainly empty, in seconds since 1970. */
  #expiresAt(now: number, amount: number): number {
    return Math.ceil((now + this.#aheadMs + amount * this.#pauseMs) / 1_000) + 60;
  }
}
