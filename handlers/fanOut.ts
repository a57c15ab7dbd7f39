import { countsOf } from "../chat/fanOut/deliver";
import { fanOutRange, type RangeEvent } from "../chat/fanOut/fanOutRange";
import { environment } from "./environment";
import { log } from "./log";
import { redactErrors } from "./redactErrors";

export type Uses = {
  CONNECTIONS_TABLE: "Query" | "BatchWriteItem";
  MESSAGES_TABLE: "Query";
  CONNECTIONS_URL: "POST";
};

const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages, CONNECTIONS_URL: posts } = environment<Uses>();

/** Brings entries to a range of a large room's members; invoked asynchronously by the functions that append. */
export const fanOut = redactErrors("fanOut", async (range: RangeEvent): Promise<void> => {
  const started = performance.now();
  const tally = await fanOutRange({ connections, messages, posts }, range);
  const ms = Math.round(performance.now() - started);
  log({ route: "fanOut", did: "posted", ms, ...countsOf(tally) });
});
