import { countsOf } from "../chat/fanOut/deliver";
import { fanOutRange, type RangeEvent } from "../chat/fanOut/fanOutRange";
import type { HandedOver } from "../chat/fanOut/handOver";
import { roundCountsOf, takeOverRounds } from "../chat/fanOut/rounds";
import { Retention } from "../chat/log/retention";
import { environment } from "./environment";
import { log } from "./log";
import { redactErrors } from "./redactErrors";

export type Uses = {
  CONNECTIONS_TABLE: "Query" | "BatchWriteItem";
  MESSAGES_TABLE: "GetItem" | "Query" | "UpdateItem" | "PutItem";
  CONNECTIONS_URL: "POST";
  RETENTION_DAYS: "setting";
  /** This function's own name: it hands rounds over to itself. */
  FAN_OUT: "InvokeFunction";
};

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, MESSAGES_TABLE: messages, CONNECTIONS_URL: posts } = env;
const deps = {
  connections,
  messages,
  posts,
  retention: new Retention(Number(env.RETENTION_DAYS)),
  fanOut: env.FAN_OUT,
};

/** Time after which rounds are handed over, well before the function's own timeout of one minute. */
const ROUNDS_MS = 40_000;

/**
 * Posts entries to a range of a large room's members, or continues the rounds of a busy room. Invoked asynchronously by
 * the functions that append, and by itself.
 */
export const fanOut = redactErrors("fanOut", async (event: RangeEvent | HandedOver): Promise<void> => {
  const started = performance.now();
  const finish = (did: string, counts: object) =>
    log({ route: "fanOut", did, ms: Math.round(performance.now() - started), ...counts });
  if ("range" in event) return finish("posted", countsOf(await fanOutRange(deps, event)));
  const tally = await takeOverRounds(deps, event, Date.now() + ROUNDS_MS);
  finish(tally === undefined ? "lost" : "posted", tally === undefined ? {} : roundCountsOf(tally));
});
