/**
 * Deploys a program to the local cloud: runs it as Pulumi's engine would, and creates the resources that it registers.
 */
import type { Cloud } from "./cloud.ts";
import { type Log, startMonitor } from "./engine/monitor.ts";
import { type Program, ProgramProcess, type ProgramSources } from "./engine/program.ts";
import { programError } from "./engine/programError.ts";
import { providerOf } from "./provider.ts";
import { type RememberedRuns, recording, repeated } from "./rememberedRun.ts";
import type { Reporter } from "./report.ts";
import type { Run } from "./run.ts";
import { Unknowns } from "./unknowns.ts";

const PROGRESS_EVERY_MS = 1_000;

/**
 * Runs the program, and serves everything that it registered.
 *
 * @param programProcess a process that is already starting, which saves time
 * @throws ProgramFailed when the program fails, after the program's own error was reported
 */
export async function deploy(program: Program, cloud: Cloud, programProcess = new ProgramProcess()): Promise<Run> {
  const run = await runProgram(program, cloud, programProcess, cloud.report);
  await cloud.apply(run.draft);
  return run;
}

/**
 * Serves what the program registered in its last run, if its configuration and files are the same as then. Reports no
 * warnings, because the program runs afterwards and reports them.
 *
 * @returns undefined if the program has to run first
 */
export async function deployRemembered(
  program: Program,
  cloud: Cloud,
  runs: RememberedRuns,
): Promise<{ run: Run; sources: ProgramSources } | undefined> {
  const remembered = runs.recall(program);
  if (remembered === undefined) return undefined;
  const run = emptyRun(cloud, () => {});
  const provider = providerOf(program, cloud, run, new Unknowns());
  if (!(await repeated(remembered.calls, provider))) {
    await cloud.discard(run.draft);
    return undefined;
  }
  run.outputs = remembered.outputs;
  await cloud.apply(run.draft);
  return { run, sources: remembered.sources };
}

/**
 * Runs the program, and leaves the served definitions unchanged.
 *
 * @param report receives the output of the program and the engine
 * @throws ProgramFailed when the program fails, after the program's own error was reported
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
  const run = emptyRun(cloud, report);
  const stopProgress = reportProgress(run, report);
  const unknowns = new Unknowns();
  const provider = recording(providerOf(program, cloud, run, unknowns));
  const monitor = await startMonitor(program.project, program.stack, provider, log);
  try {
    await programProcess.run(program, monitor.address, (line) => report({ event: "program", line }));
  } catch (error) {
    await cloud.discard(run.draft);
    throw error;
  } finally {
    stopProgress();
    monitor.close();
    for (const message of unknowns.messages()) report({ event: "warning", message });
  }
  run.outputs = monitor.outputs;
  run.calls = provider.calls;
  run.hasSecrets = monitor.hasSecrets;
  return run;
}

function emptyRun(cloud: Cloud, report: Reporter): Run {
  const empty = { outputs: {}, resources: 0, inputs: new Map(), functions: [], calls: [], hasSecrets: false };
  return { ...empty, draft: cloud.draft(report) };
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
