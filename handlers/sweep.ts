import { sweep as sweepConnections } from "../chat/connections/sweep";
import { environment } from "./environment";
import { log } from "./log";
import { redactErrors } from "./redactErrors";

export type Uses = {
  CONNECTIONS_TABLE: "GetItem" | "BatchGetItem" | "PutItem" | "Query" | "BatchWriteItem";
  CONNECTIONS_URL: "GET" | "POST" | "DELETE";
  SWEEP_MINUTES: "setting";
};

const { CONNECTIONS_TABLE: connections, CONNECTIONS_URL: posts, SWEEP_MINUTES } = environment<Uses>();
const everyMs = Number(SWEEP_MINUTES) * 60_000;

/** Time after which the sweep stops, before Lambda's timeout. */
const MOST_MS = 240_000;

/** Removes stale connections; invoked by a schedule. */
export const sweep = redactErrors("sweep", async (): Promise<void> => {
  const started = performance.now();
  const { looked, gone, closed, failed } = await sweepConnections(
    { connections, posts },
    everyMs,
    Date.now() + MOST_MS,
  );
  const counts = { lookedCount: looked, goneCount: gone, closedCount: closed, failedCount: failed };
  log({ route: "sweep", did: "swept", ms: Math.round(performance.now() - started), ...counts });
});
