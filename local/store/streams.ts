/**
 * Streams of tables: a record for each write that changed an item.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Item } from "./dynalite.ts";
import { itemKey, type KeyedTable } from "./itemKey.ts";

export type StreamViewType = "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES";

/** A record as a function receives it, without the stream's ARN and the Region. */
export interface StreamRecord {
  eventID: string;
  eventName: "INSERT" | "MODIFY" | "REMOVE";
  eventVersion: "1.1";
  eventSource: "aws:dynamodb";
  dynamodb: {
    /** Seconds since 1970. */
    ApproximateCreationDateTime: number;
    Keys: Item;
    NewImage?: Item;
    OldImage?: Item;
    SequenceNumber: string;
    SizeBytes: number;
    StreamViewType: StreamViewType;
  };
  userIdentity?: { type: "Service"; principalId: "dynamodb.amazonaws.com" };
}

export type RecordListener = (tableName: string, record: StreamRecord) => void;

interface Change {
  before: Item | undefined;
  after: Item | undefined;
}

export class Streams {
  readonly #listener: RecordListener;
  readonly #tables = new Map<string, KeyedTable & { view: StreamViewType }>();
  /** Changes by table and key while a transaction runs, to be reported when it has ended; undefined at other times. */
  #held: Map<string, Change & { tableName: string }> | undefined;
  #sequence = 0;
  /** True while an expired item is deleted, so that the record names DynamoDB as the service that deleted it. */
  expiring = false;

  constructor(listener: RecordListener) {
    this.#listener = listener;
  }

  /** @param view undefined if the table no longer has a stream */
  set(table: KeyedTable, view: StreamViewType | undefined): void {
    if (view === undefined) this.#tables.delete(table.TableName);
    else this.#tables.set(table.TableName, { ...table, view });
  }

  remove(tableName: string): void {
    this.#tables.delete(tableName);
  }

  viewOf(tableName: string): StreamViewType | undefined {
    return this.#tables.get(tableName)?.view;
  }

  /** Runs work, then reports the changes, with all changes of an item combined into one. */
  async asOne<T>(work: () => Promise<T>): Promise<T> {
    const held = new Map<string, Change & { tableName: string }>();
    this.#held = held;
    try {
      return await work();
    } finally {
      this.#held = undefined;
      for (const { tableName, before, after } of held.values()) this.changed(tableName, before, after);
    }
  }

  changed(tableName: string, before: Item | undefined, after: Item | undefined): void {
    const table = this.#tables.get(tableName);
    if (table === undefined) return;
    const Keys = itemKey(table, (after ?? before) as Item);
    if (this.#held !== undefined) {
      const key = JSON.stringify([tableName, Keys]);
      const first = this.#held.get(key) ?? { tableName, before };
      this.#held.set(key, { ...first, after: structuredClone(after) });
      return;
    }
    // The JSON is compared first, because some of dynalite's objects have no prototype, which isDeepStrictEqual counts
    // as a difference.
    if (JSON.stringify(before) === JSON.stringify(after) || isDeepStrictEqual(before, after)) return;
    this.#listener(tableName, this.#record(Keys, { before, after }, table.view));
  }

  #record(Keys: Item, { before, after }: Change, view: StreamViewType): StreamRecord {
    const images = {
      ...(after !== undefined && /NEW/.test(view) ? { NewImage: after } : {}),
      ...(before !== undefined && /OLD/.test(view) ? { OldImage: before } : {}),
    };
    this.#sequence += 1;
    return {
      eventID: randomUUID().replaceAll("-", ""),
      eventName: before === undefined ? "INSERT" : after === undefined ? "REMOVE" : "MODIFY",
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
        Keys,
        ...images,
        SequenceNumber: String(this.#sequence).padStart(21, "1"),
        SizeBytes: Buffer.byteLength(JSON.stringify({ Keys, ...images })),
        StreamViewType: view,
      },
      ...(this.expiring && after === undefined
        ? { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } as const }
        : {}),
    };
  }
}
