import { fanOutRange, type RangeEvent } from "../chat/fanOut/fanOutRange";
import { resource } from "../chat/resource";
import { log } from "./log";
import { redactErrors } from "./redactErrors";

export type Uses = { CONNECTIONS_TABLE: "Query" | "BatchWriteItem"; CONNECTIONS_URL: "POST" };

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const posts = resource<Uses, "CONNECTIONS_URL">("CONNECTIONS_URL");

/** Brings an event to a range of a large room's members; invoked asynchronously by the functions that append. */
export const fanOut = redactErrors("fanOut", async (range: RangeEvent): Promise<void> => {
  const started = performance.now();
  const { posted, gone, failed } = await fanOutRange({ connections, posts }, range);
  const ms = Math.round(performance.now() - started);
  const counts = { postedCount: posted, goneCount: gone, failedCount: failed };
  log({ route: "fanOut", did: "posted", ms, ...counts });
});
