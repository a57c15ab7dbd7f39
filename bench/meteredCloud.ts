/** A local cloud like that of `npm start`, run in this process with its usage counted. */
import { Cloud, type CloudOptions } from "../local/cloud.ts";
import { deploy } from "../local/deploy.ts";
import { AUDIENCE } from "../local/identity/issuer.ts";
import { readProject, readStackConfig } from "../stack/stackFiles.ts";
import { Meter } from "./meter.ts";

/** The stack that is measured, because it has the default rates. The rates of dev are higher, for development. */
const STACK = "prod";

/** Settings that prod raises above the defaults for more traffic. */
const NOT_DEFAULT = ["chat:throttleRate", "chat:throttleBurst"];

/** Limits high enough to refuse nothing, for benchmarks that aren't about limits. */
export const UNLIMITED = {
  "chat:userRate": "1000",
  "chat:userBurst": "100000",
  "chat:roomRate": "1000",
  "chat:handshakeRate": "10000",
  "chat:throttleRate": "10000",
  "chat:throttleBurst": "5000",
};

export interface MeteredCloud {
  cloud: Cloud;
  meter: Meter;
  webSocketUrl: string;
  /** URL of the token issuer. */
  issuer: string;
}

/**
 * Starts a metered cloud with the configuration of the stack `prod` and the default throttle.
 *
 * @param config values by full key, such as `chat:lobby`; they override the stack's values
 */
export async function startMeteredCloud(
  config: Record<string, string>,
  report: CloudOptions["report"] = () => {},
): Promise<MeteredCloud> {
  const { name, main, tsconfig } = await readProject(".");
  const { values } = await readStackConfig(".", name, STACK);
  for (const key of NOT_DEFAULT) delete values[key];
  const cloud = await Cloud.start({
    region: values["aws:region"] as string,
    programFolder: process.cwd(),
    port: 0,
    report,
    lifetimes: { idleMs: 600_000, lifetimeMs: 7_200_000 },
  });
  const all = { ...values, ...config, "local:issuer": cloud.issuerUrl, "local:audience": AUDIENCE };
  const { outputs } = await deploy(
    { folder: process.cwd(), project: name, stack: STACK, main, tsconfig, config: all },
    cloud,
  );
  return { cloud, meter: new Meter(cloud), webSocketUrl: outputs.webSocketUrl as string, issuer: cloud.issuerUrl };
}
