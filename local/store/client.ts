import { Worker } from "node:worker_threads";
import type { Answer, StoreOptions } from "./dynamodb.ts";
import type { TableDefinition } from "./tables.ts";
import type { Call } from "./worker.ts";

/** DynamoDB in its own thread. */
export class DynamoDbThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  #calls = 0;
  /** The error that ended the thread, if one did. */
  #failed: Error | undefined;

  constructor({ onRecord, ...options }: StoreOptions) {
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: options,
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    });
    this.#worker.on("message", ({ id, result, error, table, record }) => {
      if (record !== undefined) {
        onRecord?.(table, record);
        return;
      }
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error));
    });
    this.#worker.on("error", (error: Error) => {
      this.#failed = error;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
  }

  call(operation: string, body: string): Promise<Answer> {
    return this.#ask("call", operation, body) as Promise<Answer>;
  }

  /** @returns whether the table was created; false if an earlier run left it */
  createTable(definition: TableDefinition): Promise<boolean> {
    return this.#ask("createTable", definition) as Promise<boolean>;
  }

  /** Creates the table if it doesn't exist; otherwise changes its indexes and its TTL. */
  async updateTable(definition: TableDefinition): Promise<void> {
    await this.#ask("updateTable", definition);
  }

  async deleteTable(name: string): Promise<void> {
    await this.#ask("deleteTable", name);
  }

  async close(): Promise<void> {
    await this.#ask("close");
    await this.#worker.terminate();
  }

  #ask(method: Call["method"], ...args: unknown[]): Promise<unknown> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed);
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, method, args } satisfies Call);
    });
  }
}
