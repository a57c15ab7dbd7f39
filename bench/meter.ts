/** Counts the billable usage of a local cloud, as AWS would. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cloud } from "../local/cloud.ts";
import { consumedBy, type TableRequest } from "./capacity.ts";

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

/** If no function has run for this long, none is about to start. */
const QUIET_MS = 150;

export class Meter {
  readonly #usage: Usage = { invocations: 0, readUnits: 0, writeUnits: 0, posts: 0 };
  readonly #crowd = new Set<string>();
  #running = 0;
  #lastAt = 0;

  /** Starts counting. Functions that are added to the cloud later aren't counted. */
  constructor({ store, access, functions }: Cloud) {
    const { call } = store;
    store.call = async (operation, body) => {
      const request = JSON.parse(body);
      const asked = JSON.stringify({ ...request, ReturnConsumedCapacity: "TOTAL" });
      const answer = await call.call(store, operation, asked);
      const reported = answer.status === 200 ? JSON.parse(answer.body).ConsumedCapacity : undefined;
      if (this.#isCheckOfCrowd(request)) return answer;
      for (const { kind, units } of consumedBy(operation, request, reported)) {
        this.#usage[kind === "read" ? "readUnits" : "writeUnits"] += units;
      }
      return answer;
    };
    const { refusal } = access;
    // Each call to `@connections` is authorized exactly once, so this counts the calls.
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

  /**
   * Declares connections as nonexistent. A post to one costs as much as any other, but the chat then has the sweep check
   * the connection, which isn't counted.
   */
  addCrowd(connectionIds: string[]): void {
    for (const id of connectionIds) this.#crowd.add(id);
  }

  #isCheckOfCrowd({ RequestItems = {} }: TableRequest): boolean {
    const [requests] = Object.values(RequestItems);
    const [write] = Array.isArray(requests) ? requests : [];
    const { pk, sk } = write?.PutRequest?.Item ?? {};
    return pk?.S?.startsWith("DUE#") === true && this.#crowd.has(sk?.S?.slice("CONN#".length) ?? "");
  }

  get usage(): Usage {
    return { ...this.#usage };
  }

  /** Resolves once no function is running or about to run. */
  async idle(): Promise<void> {
    while (this.#running > 0 || performance.now() - this.#lastAt < QUIET_MS) await sleep(10);
  }

  /** Resolves once a function has run since this usage was read, and everything that it started has ended. */
  async idleSince({ invocations }: Usage): Promise<void> {
    while (this.#usage.invocations === invocations) await sleep(10);
    await this.idle();
  }
}
