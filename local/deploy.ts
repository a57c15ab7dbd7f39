/**
 * Deploys a program to the local cloud: runs it as Pulumi's engine would, and creates the resources that it registers.
 */
import { hashOf } from "../cache/textCache.cjs";
import type { Cloud } from "./cloud.ts";
import type { Draft } from "./draft.ts";
import { type Log, type Provider, startMonitor } from "./engine/monitor.ts";
import { type Program, ProgramProcess } from "./engine/program.ts";
import { programError } from "./engine/programError.ts";
import type { Code } from "./functions/code.ts";
import type { Reporter } from "./report.ts";
import { MODELS } from "./resources/index.ts";
import { INVOKES } from "./resources/invokes.ts";
import type { Place } from "./resources/model.ts";

/** The result of running the program. */
export interface Run {
  outputs: Record<string, unknown>;
  /** Number of resources, without components. */
  resources: number;
  /** Hash of each resource's inputs, by URN. */
  inputs: Map<string, string>;
  functions: RegisteredFunction[];
  draft: Draft;
}

export interface RegisteredFunction {
  /** The resource's logical name. */
  logicalName: string;
  functionName: string;
  code: Code;
}

const PROGRESS_EVERY_MS = 1_000;
const FUNCTION = "aws:lambda/function:Function";

/**
 * Runs the program, and serves everything that it registered.
 *
 * @param programProcess a process that is already starting, which saves time
 * @throws ProgramFailed when the program fails; its own error has been reported by then
 */
export async function deploy(program: Program, cloud: Cloud, programProcess = new ProgramProcess()): Promise<Run> {
  const run = await runProgram(program, cloud, programProcess, cloud.report);
  await cloud.apply(run.draft);
  return run;
}

/**
 * Runs the program, and leaves the served definitions unchanged.
 *
 * @param report receives the output of the program and the engine
 * @throws ProgramFailed when the program fails; its own error has been reported by then
 */
export async function runProgram(
  program: Program,
  cloud: Cloud,
  programProcess: ProgramProcess,
  report: Reporter,
): Promise<Run> {
  const log = ({ severity, message }: Log) => {
    if (severity === "error") report({ event: "error", message: programError(message) });
    else if (severity === "warning") report({ event: "warning", message });
    else if (severity === "info") report({ event: "program", line: message });
  };
  const draft = cloud.draft(report);
  const run: Run = { outputs: {}, resources: 0, inputs: new Map(), functions: [], draft };
  const stopProgress = reportProgress(run, report);
  const monitor = await startMonitor(program.project, program.stack, providerOf(cloud, run, report), log);
  try {
    await programProcess.run(program, monitor.address, (line) => report({ event: "program", line }));
  } catch (error) {
    await cloud.discard(draft);
    throw error;
  } finally {
    stopProgress();
    monitor.close();
  }
  run.outputs = monitor.outputs;
  return run;
}

/** Reports the progress once a second while it changes. */
function reportProgress(run: Run, report: Reporter): () => void {
  let said = 0;
  const timer = setInterval(() => {
    if (run.resources === said) return;
    said = run.resources;
    report({ event: "progress", resources: run.resources, functions: run.functions.length });
  }, PROGRESS_EVERY_MS);
  return () => clearInterval(timer);
}

function providerOf(cloud: Cloud, run: Run, report: Reporter): Provider {
  const unknown = new Set<string>();
  const warnOnce = (what: string, message: string) => {
    if (unknown.has(what)) return;
    unknown.add(what);
    report({ event: "warning", message });
  };
  const place: Place = {
    accountId: cloud.accountId,
    region: cloud.region,
    webSocketScheme: "ws",
    sqsEndpoint: cloud.endpointUrl,
    arnOf: (service, resource) => cloud.arnOf(service, resource),
    hostOf: (apiId) => cloud.hostOf(apiId),
    httpScheme: "http",
    httpApis: new Set(),
    httpHostOf: (apiId) => cloud.httpHostOf(apiId),
  };
  return {
    async create({ urn, type, name, custom, inputs }) {
      if (!custom) return { id: "", outputs: {} };
      run.resources += 1;
      run.inputs.set(urn, hashOf(JSON.stringify(inputs)));
      const model = await MODELS[type]?.();
      if (model === undefined) {
        warnOnce(type, `the local cloud does not know ${type}: "${name}" is registered and does nothing`);
        return { id: name, outputs: {} };
      }
      const { id, ...outputs } = await model.outputs({ urn, name, inputs }, place);
      await model.serve?.({ urn, id, inputs }, run.draft);
      if (type === FUNCTION) run.functions.push({ logicalName: name, functionName: id, code: inputs.code as Code });
      return { id, outputs };
    },
    async invoke(token, args) {
      const invoke = INVOKES[token];
      if (invoke === undefined) throw new Error(`the local cloud does not know the function ${token}`);
      return invoke(args, place);
    },
  };
}
