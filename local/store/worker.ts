/** DynamoDB's thread, which can use another core. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { DynamoDb } from "./dynamodb.ts";

const port = parentPort as MessagePort;
const dynamodb = new DynamoDb({ ...workerData, onRecord: (table, record) => port.postMessage({ table, record }) });

port.on("message", async ({ id, method, args }: Call) => {
  try {
    // biome-ignore lint/suspicious/noExplicitAny: arguments depend on the method
    port.postMessage({ id, result: await (dynamodb[method] as any)(...args) });
  } catch (error) {
    port.postMessage({ id, error: (error as Error).message ?? String(error) });
  }
});

export interface Call {
  id: number;
  method: "call" | "createTable" | "updateTable" | "deleteTable" | "sweep" | "close";
  args: unknown[];
}
