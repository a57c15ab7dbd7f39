/** Provides the deployed functions with a stack's default settings, which the simulation runs. */
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
    // The same limits that index.ts derives from the settings, because the bundles are those of the development stack.
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
