/** Room members without a client: copies of a real member's row, for connections that don't exist. */
import { randomUUID } from "node:crypto";
import type { MeteredCloud } from "../meteredCloud.ts";

const TABLE = "chat-prod-connections";

/** Maximum number of writes per call: DynamoDB's limit. */
const MAX_BATCH = 25;

/**
 * How far in the future `connectedAt` of the crowd's connections is. The chat therefore takes them for connections
 * whose `$connect` hasn't returned yet, and keeps posting to them.
 */
const YOUNG_MS = 3_600_000;

type Item = Record<string, unknown>;

export class Crowd {
  readonly #at: MeteredCloud;
  readonly #sizes = new Map<string, number>();

  constructor(at: MeteredCloud) {
    this.#at = at;
  }

  /** Adds members until the room has this many, besides real ones. @param model a room with a real member */
  async fill(room: string, members: number, model: string): Promise<void> {
    const real = await this.#rowOf(model);
    const size = this.#sizes.get(room) ?? 0;
    this.#sizes.set(room, Math.max(size, members));
    const ids = Array.from({ length: Math.max(0, members - size) }, connectionId);
    this.#at.meter.addCrowd(ids);
    await this.#put(ids.map((id) => copyOf(real, id, room)));
  }

  /** Sets the time that the sweep starts from, in milliseconds since 1970. */
  async setSweptUntil(ms: number): Promise<void> {
    await this.#put([{ pk: { S: "SWEEP" }, sk: { S: "#" }, through: { N: String(minuteOf(ms)) } }]);
  }

  /** Makes these connections due for the next sweep. */
  async makeDue(connectionIds: string[]): Promise<void> {
    const pk = { S: `DUE#${minuteOf(Date.now())}#0` };
    await this.#put(connectionIds.map((id) => ({ pk, sk: { S: `CONN#${id}` } })));
  }

  async #rowOf(room: string): Promise<Item> {
    const { Items } = await this.#call("Query", {
      TableName: TABLE,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: `ROOM#${room}` } },
    });
    return (Items as Item[])[0] as Item;
  }

  async #put(items: Item[]): Promise<void> {
    for (let done = 0; done < items.length; done += MAX_BATCH) {
      const batch = items.slice(done, done + MAX_BATCH).map((Item) => ({ PutRequest: { Item } }));
      await this.#call("BatchWriteItem", { RequestItems: { [TABLE]: batch } });
    }
  }

  async #call(operation: string, request: object): Promise<Item> {
    const { status, body } = await this.#at.cloud.store.call(operation, JSON.stringify(request));
    if (status !== 200) throw new Error(`${operation} was answered with ${status}: ${body}`);
    return JSON.parse(body);
  }
}

function connectionId(): string {
  return `${randomUUID().replaceAll("-", "").slice(0, 15)}=`;
}

/** A copy of a member's row for another user, with an id in Cognito's format and a name of typical length. */
function copyOf(real: Item, id: string, room: string): Item {
  return {
    ...real,
    pk: { S: `ROOM#${room}` },
    sk: { S: `CONN#${id}` },
    connectionId: { S: id },
    user: { M: { id: { S: randomUUID() }, name: { S: "Ana Maria Delgado" } } },
    connectedAt: { N: String(Date.now() + YOUNG_MS) },
  };
}

function minuteOf(ms: number): number {
  return Math.floor(ms / 60_000);
}
