/** The thread that reads the code of functions; see pack/readAhead.ts. */
import { join } from "node:path";
import { type MessagePort, parentPort } from "node:worker_threads";
import { Catalog } from "@serverless-chat/iam";
import { sdkCallsOf } from "./code/sdkCalls.ts";

const port = parentPort as MessagePort;
const catalog = new Catalog(join(import.meta.dirname, "catalog.jsonl"));

port.on("message", (code: string[]) => {
  port.postMessage(sdkCallsOf(code, catalog));
});
