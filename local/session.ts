/** One session of the local cloud, until it is stopped or restarted. */
import { join, resolve } from "node:path";
import { UsageError } from "../stack/usageError.ts";
import type { Cloud } from "./cloud.ts";
import { readProgram } from "./configuration.ts";
import { type Program, ProgramProcess, workingFolderOf } from "./engine/program.ts";
import type { Keys } from "./keys.ts";
import { openInBrowser } from "./openInBrowser.ts";
import type { Options } from "./options.ts";
import { warnOfOtherLocalhost } from "./otherLocalhost.ts";
import type { LocalPage } from "./page.ts";
import type { RememberedRuns } from "./rememberedRun.ts";
import type { Reporter } from "./report.ts";

export interface SessionArgs {
  options: Options;
  /** Values of `--config`, by full key. */
  given: Record<string, string>;
  report: Reporter;
  /** Absolute path of the folder of `--data`. */
  data?: string;
  /** Key presses, if there is a terminal. */
  keys?: Keys;
}

export interface Session {
  /** Resolves when the program is served. @throws ProgramFailed if it fails */
  deployed: Promise<void>;
  clearTables(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws UsageError saying what is wrong with the settings */
export async function startSession(args: SessionArgs): Promise<Session> {
  const { options, given, report } = args;
  const { region, program } = await readProgram(options, given, report);
  const started = performance.now();
  let last = started;
  const step = (what: string) => {
    report({ event: "step", what, ms: Math.round(performance.now() - last) });
    last = performance.now();
  };
  // Pulumi takes as long to load as the rest of the local cloud, so both load at the same time.
  const programProcess = new ProgramProcess();
  const cloud = await startCloud(args, region, workingFolderOf(program).folder);
  const page = options.page ? await startPage(options, cloud.issuerUrl, report) : undefined;
  const stops = [() => cloud.stop(), async () => programProcess.stop(), async () => page?.close()];

  /** Watches from before the program's first run, so that no save is lost. */
  const watch = async (readAgain: () => Promise<Program>, runs: RememberedRuns) => {
    const { watchProgram } = await import("./reload/watchProgram.ts");
    const optional = page === undefined ? {} : { page };
    const watched = watchProgram({ ...args, cloud, readProgram: readAgain, runs, ...optional });
    stops.push(() => watched.close());
    return watched;
  };

  const deployProgram = async () => {
    await warnOfOtherLocalhost(options.port, report);
    const { AUDIENCE } = await import("./identity/issuer.ts");
    /**
     * Reads the program, with configuration that makes it accept the local issuer's tokens. On AWS this configuration
     * is unset.
     */
    const readAgain = async (quietly: Reporter): Promise<Program> => {
      const { program, region: regionNow } = await readProgram(options, given, quietly);
      if (regionNow !== region) throw new UsageError(`the Region is now ${regionNow}: restart to use it`);
      const config = {
        ...program.config,
        "local:issuer": cloud.issuerUrl,
        "local:audience": AUDIENCE,
        ...(page === undefined ? {} : { "local:page": page.url }),
      };
      return { ...program, config };
    };
    step("started the gateway, the AWS endpoint, DynamoDB and the issuer");
    const { deploy, deployRemembered } = await import("./deploy.ts");
    // Without a watch, nothing would apply what has changed since the stored run.
    const runs = options.watch ? await rememberedRuns(cloud, page) : undefined;
    const watched = runs && (await watch(() => readAgain(report), runs));
    // Reads quietly, because the warnings have already been printed.
    const program = await readAgain(() => {});
    const remembered = runs && (await deployRemembered(program, cloud, runs));
    const run = remembered?.run ?? (await deploy(program, cloud, programProcess));
    const did = remembered === undefined ? "ran the program" : "served what was registered last time by the program";
    step(`${did} ${program.project}, stack ${options.stack}: ${run.resources} resources`);
    page?.open(run.outputs);
    const { operatorVariables } = await import("./identity/operator.ts");
    report({
      event: "ready",
      outputs: run.outputs,
      ...(page === undefined ? {} : { page: page.url }),
      aws: operatorVariables(cloud),
      ms: Math.round(performance.now() - started),
    });
    if (page !== undefined && options.open) openInBrowser(page.url, report);
    watched?.reloader.start(run, remembered?.sources ?? programProcess.sources);
    if (remembered === undefined) runs?.remember(program, run, programProcess.sources);
    else watched?.reloader.confirmRun(programProcess);
  };

  return {
    deployed: deployProgram(),
    async clearTables() {
      await cloud.clearTables();
      report({ event: "step", what: `cleared ${cloud.tables.size} tables`, ms: 0 });
    },
    async stop() {
      for (const stop of stops.toReversed()) await stop();
    },
  };
}

async function rememberedRuns(cloud: Cloud, page: LocalPage | undefined): Promise<RememberedRuns> {
  const { RememberedRuns } = await import("./rememberedRun.ts");
  return new RememberedRuns([cloud.endpointUrl, cloud.issuerUrl, ...(page === undefined ? [] : [page.url])]);
}

/** Starts the page on the port after the API's. */
async function startPage(
  { port, program }: Options,
  issuerUrl: string,
  report: Reporter,
): Promise<LocalPage | undefined> {
  const { LocalPage } = await import("./page.ts");
  return LocalPage.start({ folder: resolve(program), port: port === 0 ? 0 : port + 1, issuerUrl, report });
}

async function startCloud({ options, report, data }: SessionArgs, region: string, assetFolder: string): Promise<Cloud> {
  const { port, chaos, idleMs, lifetimeMs, program } = options;
  const { Cloud } = await import("./cloud.ts");
  try {
    return await Cloud.start({
      region,
      programFolder: resolve(program),
      assetFolder,
      port,
      report,
      lifetimes: { idleMs, lifetimeMs },
      ...(data === undefined ? {} : { data: join(data, "dynamodb") }),
      ...(chaos === undefined ? {} : { chaos }),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new UsageError(
      `port ${port} is in use: stop the program that listens on it, or choose another with --port (0 picks any)`,
    );
  }
}
