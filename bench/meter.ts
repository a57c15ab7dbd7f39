/** Counts the billable usage of a local cloud, as AWS would. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cloud } from "../local/cloud.ts";

export interface Usage {
  /** Lambda invocations, synchronous and asynchronous. */
  invocations: number;
  /** DynamoDB read units of 4 KB each. */
  readUnits: number;
  /** DynamoDB write units of 1 KB each. */
  writeUnits: number;
  /** `@connections` calls: posts, and connections checked or closed. */
  posts: number;
}

/** After this long without a call, nothing is in progress. */
const QUIET_MS = 150;

interface Capacity {
  CapacityUnits: number;
}

export class Meter {
  readonly #usage: Usage = { invocations: 0, readUnits: 0, writeUnits: 0, posts: 0 };
  readonly #partitions = new Map<string, Pick<Usage, "readUnits" | "writeUnits">>();
  #running = 0;
  #lastAt = 0;

  /** Starts counting. Functions that are added to the cloud later aren't counted. */
  constructor({ store, access, functions }: Cloud) {
    const { call } = store;
    store.call = async (operation, body) => {
      const request = JSON.parse(body);
      const asked = JSON.stringify({ ...request, ReturnConsumedCapacity: "TOTAL" });
      const answer = await call.call(store, operation, asked);
      this.#count(operation, request, answer.status === 200 ? JSON.parse(answer.body).ConsumedCapacity : undefined);
      return answer;
    };
    const { refusal } = access;
    // Each call of @connections is authorized once.
    access.refusal = (caller, action, resource) => {
      if (action === "execute-api:ManageConnections") this.#usage.posts += 1;
      return refusal.call(access, caller, action, resource);
    };
    for (const target of functions.values()) {
      const { invoke } = target;
      target.invoke = async (...args) => {
        this.#usage.invocations += 1;
        this.#running += 1;
        try {
          return await invoke.apply(target, args);
        } finally {
          this.#running -= 1;
          this.#lastAt = performance.now();
        }
      };
    }
  }

  get usage(): Usage {
    return { ...this.#usage };
  }

  /** Units of one partition key of any table. */
  ofPartition(pk: string): Pick<Usage, "readUnits" | "writeUnits"> {
    return { readUnits: 0, writeUnits: 0, ...this.#partitions.get(pk) };
  }

  /** Resolves once no function is running or about to run. */
  async idle(): Promise<void> {
    while (this.#running > 0 || performance.now() - this.#lastAt < QUIET_MS) await sleep(10);
  }

  /** Resolves once a function has run since this usage and everything that it started has ended. */
  async idleSince({ invocations }: Usage): Promise<void> {
    while (this.#usage.invocations === invocations) await sleep(10);
    await this.idle();
  }

  /** @param consumed undefined for a call that failed */
  #count(operation: string, request: Request, consumed: Capacity | Capacity[] | undefined): void {
    const units = [consumed ?? []].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
    const requests = Object.values(request.RequestItems ?? {}).flatMap((table) =>
      "Keys" in table ? table.Keys : table,
    );
    if (operation === "BatchWriteItem") {
      this.#usage.writeUnits += units;
      for (const { PutRequest, DeleteRequest } of requests as WriteRequest[]) {
        this.#addTo((PutRequest?.Item ?? DeleteRequest?.Key)?.pk?.S, "writeUnits", units / requests.length);
      }
    } else if (operation === "Query" || operation === "Scan") {
      // A page costs a unit even when it is empty, which isn't reported.
      const charged = Math.max(units, 1);
      this.#usage.readUnits += charged;
      this.#addTo(request.ExpressionAttributeValues?.[":pk"]?.S, "readUnits", charged);
    } else if (operation === "GetItem" || operation === "BatchGetItem") {
      this.#usage.readUnits += units;
    } else {
      // A failed condition costs as much as the write that it guards, here less than 1 KB, and isn't reported.
      const charged = consumed === undefined ? 1 : units;
      this.#usage.writeUnits += charged;
      this.#addTo((request.Item ?? request.Key)?.pk?.S, "writeUnits", charged);
    }
  }

  #addTo(pk: string | undefined, kind: "readUnits" | "writeUnits", units: number): void {
    if (pk === undefined) return;
    const known = this.ofPartition(pk);
    this.#partitions.set(pk, { ...known, [kind]: known[kind] + units });
  }
}

type Row = Record<string, { S?: string }>;

interface WriteRequest {
  PutRequest?: { Item: Row };
  DeleteRequest?: { Key: Row };
}

/** The part of a DynamoDB request that is read. */
interface Request {
  Item?: Row;
  Key?: Row;
  ExpressionAttributeValues?: Row;
  RequestItems?: Record<string, WriteRequest[] | { Keys: Row[] }>;
}
