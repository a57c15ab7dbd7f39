import { fanOutRange, type RangeEvent } from "../chat/fanOut/fanOutRange";
import { resource } from "../chat/resource";
import { log } from "./log";
import { redactErrors } from "./redactErrors";

export type Uses = {
  CONNECTIONS_TABLE: "Query" | "BatchWriteItem";
  MESSAGES_TABLE: "Query";
  CONNECTIONS_URL: "POST";
};

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const messages = resource<Uses, "MESSAGES_TABLE">("MESSAGES_TABLE");
const posts = resource<Uses, "CONNECTIONS_URL">("CONNECTIONS_URL");

/** Brings entries to a range of a large room's members; invoked asynchronously by the functions that append. */
export const fanOut = redactErrors("fanOut", async (range: RangeEvent): Promise<void> => {
  const started = performance.now();
  const { posted, gone, failed } = await fanOutRange({ connections, messages, posts }, range);
  const ms = Math.round(performance.now() - started);
  const counts = { postedCount: posted, goneCount: gone, failedCount: failed };
  log({ route: "fanOut", did: "posted", ms, ...counts });
});
