/**
 * Applies saved files to the running cloud: a saved file of a function bundles the function again, and a saved file of
 * the program runs the program again. Connections, items, access keys and the state of rate limits stay, as on AWS. A
 * failure leaves everything as it was.
 */
import { basename, dirname, relative } from "node:path";
import type { Cloud } from "../cloud.ts";
import { runProgram } from "../deploy.ts";
import { type Program, ProgramProcess, type ProgramSources } from "../engine/program.ts";
import { hashOfFile } from "../hashOfFile.ts";
import { lossesOf } from "../losses.ts";
import type { RememberedRuns } from "../rememberedRun.ts";
import type { Report, Reporter } from "../report.ts";
import type { Run } from "../run.ts";
import { differencesOf } from "./differences.ts";
import { FunctionSources } from "./functionSources.ts";

/** Pause between the last change and the reload, because editors write a file in steps, and several files at once. */
const SETTLES_MS = 30;

/** Files that may fix a failed run if it isn't known which files the run would have read. */
const SOURCE = /\.([cm]?[jt]sx?|json|ya?ml)$/;

export interface ReloaderArgs {
  cloud: Cloud;
  report: Reporter;
  /** Reads the program's current settings. @throws UsageError saying what is wrong with them */
  readProgram: () => Promise<Program>;
  /** Asks whether data may be lost; a later save withdraws the question. */
  confirm: (losses: string[], withdrawn: AbortSignal) => Promise<boolean>;
  /** Where to store what the program registers. */
  runs: RememberedRuns;
}

export class Reloader {
  readonly #args: ReloaderArgs;
  readonly #functions: FunctionSources;
  readonly #hashes = new Map<string, string>();
  #inputs: ReadonlyMap<string, string> = new Map();
  #programFiles = new Set<string>();
  #saved = new Set<string>();
  /** Files that were saved while the program ran. The report of that run may already cover them. */
  #savedDuringRun: ReadonlySet<string> = new Set();
  /** Logical names of functions that couldn't be built, which the next save retries. */
  #unmade = new Set<string>();
  /**
   * Why the program has to run again: its files were saved, and it hasn't succeeded since, or the stored result of an
   * earlier run is being served.
   */
  #due: "saved" | "confirm" | undefined;
  /** Differences of the functions that were redeployed since the program's last run. */
  #reported = new Set<string>();
  /** Whether a save stopped the program or withdrew its question. */
  #interrupted = false;
  #process: ProgramProcess | undefined;
  #question: AbortController | undefined;
  /** Warnings that were printed, which later saves don't repeat. */
  readonly #warned = new Set<string>();
  #busy: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #started = false;
  #closed = false;

  constructor(args: ReloaderArgs) {
    this.#args = args;
    this.#functions = new FunctionSources(args.cloud);
  }

  /** Follows the files that the first run of the program used, and applies what has been saved since it began. */
  start(run: Run, sources: ProgramSources): void {
    this.#started = true;
    this.#follow(run, sources);
    const saved = this.#saved;
    this.#saved = new Set();
    for (const path of saved) this.saved(path);
  }

  /**
   * Runs the program while the stored result of its last run is served, and applies the differences. A save stops the
   * program, so that its reload doesn't have to wait; afterwards, the program starts over.
   *
   * @param process a process that is already starting
   */
  confirmRun(process: ProgramProcess): void {
    this.#due = "confirm";
    this.#busy = this.#runProgram(performance.now(), process)
      .then(() => this.#run())
      .finally(() => {
        this.#busy = undefined;
      });
  }

  #follow(run: Run, sources: ProgramSources): void {
    this.#inputs = run.inputs;
    this.#programFiles = new Set(sources.files);
    this.#functions.follow(run, sources.bundles);
  }

  /** Handles a file that was written, created, renamed or deleted. */
  saved(path: string): void {
    if (this.#started && !this.#matters(path)) return;
    this.#saved.add(path);
    if (!this.#started) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), SETTLES_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#process?.stop();
    this.#question?.abort();
    await this.#busy;
    await this.#functions.close();
  }

  #matters(path: string): boolean {
    if (this.#isOfProgram(path) || this.#functions.has(path)) return true;
    return (this.#due === "saved" || this.#unmade.size > 0) && SOURCE.test(path);
  }

  #isOfProgram(path: string): boolean {
    if (this.#programFiles.has(path)) return true;
    // Settings matter, as do all source files if a program doesn't report which ones it loaded.
    const { programFolder } = this.#args.cloud;
    if (
      dirname(path) === programFolder &&
      /^(Pulumi(\..+)?\.ya?ml|package\.json|tsconfig.*\.json)$/.test(basename(path))
    ) {
      return true;
    }
    const tells = [...this.#programFiles].some((file) => file.startsWith(programFolder));
    return !tells && SOURCE.test(path) && !this.#functions.has(path);
  }

  #start(): void {
    if (this.#busy !== undefined) {
      // The current run has read older files, so it starts over.
      this.#question?.abort();
      const isOutdated = this.#due === "confirm" || [...this.#saved].some((path) => this.#isOfProgram(path));
      if (isOutdated) this.#process?.stop();
      return;
    }
    this.#busy = this.#run().finally(() => {
      this.#busy = undefined;
    });
  }

  async #run(): Promise<void> {
    while (this.#saved.size > 0 && !this.#closed) {
      const files = new Set([...this.#saved].filter((path) => this.#isChanged(path)));
      this.#saved.clear();
      // A file that was only touched may have interrupted the program.
      if (files.size > 0 || this.#interrupted) await this.#reload(files);
    }
  }

  /** Whether a file's content has changed since the last check. */
  #isChanged(path: string): boolean {
    const hash = hashOfFile(path);
    const changed = this.#hashes.get(path) !== hash;
    this.#hashes.set(path, hash);
    return changed;
  }

  async #reload(files: ReadonlySet<string>): Promise<void> {
    const started = performance.now();
    const { report, cloud } = this.#args;
    this.#interrupted = false;
    const changed = [...files].map((file) => relative(cloud.programFolder, file));
    if (changed.length > 0) report({ event: "changed", files: changed });
    for (const name of this.#functions.touchedBy(files)) this.#unmade.add(name);
    if ([...files].some((file) => this.#isOfProgram(file))) this.#due = "saved";
    const what: string[] = [];
    try {
      what.push(...(await this.#functions.redeploy(this.#unmade)));
      for (const name of what) this.#reported.add(`~ Function ${name}`);
      this.#unmade.clear();
      const ms = Math.round(performance.now() - started);
      const isReported = [...files].every((file) => this.#savedDuringRun.has(file));
      this.#savedDuringRun = new Set();
      if (what.length > 0 || !(this.#due === "saved" || isReported)) report({ event: "reloaded", what, ms });
    } catch (error) {
      return this.#keep((error as Error).message);
    }
    if (this.#due !== undefined) await this.#runProgram(started);
  }

  async #runProgram(started: number, process = new ProgramProcess()): Promise<void> {
    const { cloud, report, readProgram, runs } = this.#args;
    const said: Report[] = [];
    this.#process = process;
    if (this.#due === "confirm") process.lowerPriority();
    try {
      const program = await readProgram();
      const run = await runProgram(program, cloud, process, (each) => said.push(each));
      const losses = lossesOf(cloud, run.draft);
      if (losses.length > 0 && !(await this.#confirm(losses))) return await cloud.discard(run.draft);
      const differences = differencesOf(this.#inputs, run.inputs);
      await cloud.apply(run.draft);
      this.#follow(run, process.sources);
      const wasSaved = this.#due === "saved";
      const news = wasSaved ? differences : differences.filter((difference) => !this.#reported.has(difference));
      this.#due = undefined;
      this.#reported.clear();
      this.#repeat(said);
      // Stored before the report, after which somebody may save: the stored hashes must be those of the files that ran.
      runs.remember(program, run, process.sources);
      const ms = Math.round(performance.now() - started);
      if (wasSaved || news.length > 0) report({ event: "reloaded", what: news, ms });
      else report({ event: "step", what: "ran the program again: it registers the same resources", ms });
    } catch (error) {
      // A later save has replaced this one.
      if (this.#saved.size > 0 || this.#closed) return;
      this.#due = "saved";
      const errors = said.flatMap((each) => (each.event === "error" ? [each.message] : []));
      const lines = said.flatMap((each) => (each.event === "program" ? [each.line] : []));
      this.#keep(errors[0] ?? (lines.length > 0 ? lines.join("\n") : (error as Error).message));
    } finally {
      process.stop();
      this.#process = undefined;
      this.#savedDuringRun = new Set(this.#saved);
      this.#interrupted = this.#due !== undefined && this.#saved.size > 0;
    }
  }

  async #confirm(losses: string[]): Promise<boolean> {
    this.#question = new AbortController();
    try {
      return await this.#args.confirm(losses, this.#question.signal);
    } finally {
      this.#question = undefined;
    }
  }

  #repeat(said: Report[]): void {
    for (const each of said) {
      if (each.event === "progress" || (each.event === "warning" && this.#warned.has(each.message))) continue;
      if (each.event === "warning") this.#warned.add(each.message);
      this.#args.report(each);
    }
  }

  #keep(message: string): void {
    this.#args.report({
      event: "error",
      message: `${message.trim()}\nThe previous version keeps running; save again to retry.`,
    });
  }
}
