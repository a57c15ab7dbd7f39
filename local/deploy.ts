/** Deploys a program to the local cloud: plays the engine that runs it, and sets up what it registers. */
import type { Cloud } from "./cloud.ts";
import { type Log, type Provider, startMonitor } from "./engine/monitor.ts";
import { type Program, ProgramProcess } from "./engine/program.ts";
import { MODELS } from "./resources/index.ts";
import { INVOKES } from "./resources/invokes.ts";
import type { Place } from "./resources/model.ts";

export interface Deployment {
  outputs: Record<string, unknown>;
  resources: number;
}

const PROGRESS_EVERY_MS = 1_000;

/**
 * Runs the program. When it has ended, everything that it registered is served.
 *
 * @param programProcess one that has been started already, which saves time
 * @returns the stack's outputs and the number of its resources
 * @throws ProgramFailed when the program fails; its own error has been reported by then
 */
export async function deploy(
  program: Program,
  cloud: Cloud,
  programProcess = new ProgramProcess(),
): Promise<Deployment> {
  const log = ({ severity, message }: Log) => {
    if (severity === "error") cloud.report({ event: "error", message });
    else if (severity === "warning") cloud.report({ event: "warning", message });
    else if (severity === "info") cloud.report({ event: "program", line: message });
  };
  let resources = 0;
  let functions = 0;
  const provider = providerOf(cloud, (type) => {
    resources += 1;
    if (type === "aws:lambda/function:Function") functions += 1;
  });
  const progress = setInterval(() => cloud.report({ event: "progress", resources, functions }), PROGRESS_EVERY_MS);
  const monitor = await startMonitor(program.project, program.stack, provider, log);
  try {
    await programProcess.run(program, monitor.address, (line) => cloud.report({ event: "program", line }));
  } finally {
    clearInterval(progress);
    monitor.close();
  }
  cloud.starting = false;
  return { outputs: monitor.outputs, resources };
}

function providerOf(cloud: Cloud, onResource: (type: string) => void): Provider {
  const unknown = new Set<string>();
  const warnOnce = (what: string, message: string) => {
    if (unknown.has(what)) return;
    unknown.add(what);
    cloud.report({ event: "warning", message });
  };
  const place: Place = {
    accountId: cloud.accountId,
    region: cloud.region,
    webSocketScheme: "ws",
    sqsEndpoint: cloud.endpointUrl,
    arnOf: (service, resource) => cloud.arnOf(service, resource),
    hostOf: (apiId) => cloud.hostOf(apiId),
  };
  return {
    async create({ urn, type, name, custom, inputs }) {
      if (!custom) return { id: "", outputs: {} };
      onResource(type);
      const model = MODELS[type];
      if (model === undefined) {
        warnOnce(type, `the local cloud does not know ${type}: "${name}" is registered and does nothing`);
        return { id: name, outputs: {} };
      }
      const { id, ...outputs } = await model.outputs({ urn, name, inputs }, place);
      await model.serve?.({ urn, id, inputs }, cloud);
      return { id, outputs };
    },
    async invoke(token, args) {
      const invoke = INVOKES[token];
      if (invoke === undefined) throw new Error(`the local cloud does not know the function ${token}`);
      return invoke(args, place);
    },
  };
}
