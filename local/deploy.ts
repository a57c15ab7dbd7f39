/** Deploys a program to the local cloud: plays the engine that runs it, and sets up what it registers. */
import type { Cloud } from "./cloud.ts";
import { type Log, type Provider, startMonitor } from "./engine/monitor.ts";
import { type Program, runProgram } from "./engine/program.ts";
import { MODELS } from "./resources/index.ts";
import { INVOKES } from "./resources/invokes.ts";
import type { Place } from "./resources/model.ts";

export interface Deployment {
  outputs: Record<string, unknown>;
  resources: number;
}

/**
 * Runs the program. When it has ended, everything that it registered is served.
 *
 * @returns the stack's outputs and the number of its resources
 * @throws ProgramFailed when the program fails; its own error has been reported by then
 */
export async function deploy(program: Program, cloud: Cloud): Promise<Deployment> {
  const log = ({ severity, message }: Log) => {
    if (severity === "error") cloud.report({ event: "error", message });
    else if (severity === "warning") cloud.report({ event: "warning", message });
    else if (severity === "info") cloud.report({ event: "program", line: message });
  };
  let resources = 0;
  const provider = providerOf(cloud, () => {
    resources += 1;
  });
  const monitor = await startMonitor(program.project, program.stack, provider, log);
  try {
    await runProgram(program, monitor.address, (line) => cloud.report({ event: "program", line }));
  } finally {
    monitor.close();
  }
  cloud.starting = false;
  return { outputs: monitor.outputs, resources };
}

function providerOf(cloud: Cloud, onResource: () => void): Provider {
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
      if (!custom) return { id: "", outputs: inputs };
      onResource();
      const model = MODELS[type];
      if (model === undefined) {
        warnOnce(type, `the local cloud does not know ${type}: "${name}" is registered and does nothing`);
        return { id: name, outputs: inputs };
      }
      const { id, ...outputs } = await model.outputs({ urn, name, inputs }, place);
      await model.serve?.({ urn, id, inputs }, cloud);
      return { id, outputs: { ...inputs, ...outputs } };
    },
    async invoke(token, args) {
      const invoke = INVOKES[token];
      if (invoke === undefined) throw new Error(`the local cloud does not know the function ${token}`);
      return invoke(args, place);
    },
  };
}
