import { announceSlot } from "../chat/presence/announceSlot";
import { announcedAt } from "../chat/presence/departures";
import { environment } from "./environment";
import { log } from "./log";
import { redactErrors } from "./redactErrors";

export type Uses = { CONNECTIONS_TABLE: "GetItem" | "Query" | "BatchWriteItem"; CONNECTIONS_URL: "POST" };

const { CONNECTIONS_TABLE: connections, CONNECTIONS_URL: posts } = environment<Uses>();

/** Waits for a time slot of departures to end, then announces people who haven't come back. Invoked asynchronously. */
export const departures = redactErrors("departures", async ({ slot }: { slot: number }): Promise<void> => {
  const waitMs = Math.max(0, announcedAt(slot) - Date.now());
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  const started = performance.now();
  const count = await announceSlot({ connections, posts }, slot);
  const ms = Math.round(performance.now() - started);
  log({ route: "departures", did: "announced", ms, slot, departuresCount: count });
});
