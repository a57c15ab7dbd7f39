/** Provides the functions that the simulation runs: those of a deployment, with the default settings of a stack. */
import { bundlesWith } from "../../tests/checker/bundles.ts";
import { EnvironmentPool } from "../../tests/checker/functions.ts";
import { type Latencies, SETTINGS } from "./assumptions.ts";
import type { Laboratory } from "./room.ts";

const SEED = 1;

/** @param lobby name of the lobby, or "" for none */
export async function laboratoryWith(latencies: Latencies, lobby: string): Promise<Laboratory> {
  const { functions, tables } = await bundlesWith();
  const { userRate, userBurst, roomRate } = SETTINGS;
  const codes = functions.map((code) => {
    const { LIMITS, LOBBY } = code.variables;
    if (LIMITS === undefined) return code;
    // The bundles have the limits of the stack dev, so these repeat what index.ts derives from the default settings.
    const limits = JSON.stringify({
      ...JSON.parse(LIMITS),
      appends: { perSecond: userRate, burst: userBurst },
      frames: { perSecond: 10 * userRate, burst: 20 * userBurst },
      room: { perSecond: roomRate, burst: 2 * roomRate },
    });
    return {
      ...code,
      variables: { ...code.variables, LIMITS: limits, ...(LOBBY === undefined ? {} : { LOBBY: lobby }) },
    };
  });
  return { pool: new EnvironmentPool(codes), tables, latencies, seed: SEED };
}
