/** Runs a Pulumi program in its own process, as Pulumi's language host does. */
import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { basename, dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import folders from "../../cache/folders.cjs";
import type { Bundled, FromProgram, RunMessage } from "./programProcess.ts";

export interface Program {
  /** Folder with Pulumi.yaml. */
  folder: string;
  project: string;
  stack: string;
  /** Entry point, or a folder that has one, relative to `folder`; `.` means the entry point that package.json names. */
  main: string;
  /** Path of tsconfig.json, relative to the folder that the program runs in. */
  tsconfig: string;
  config: Record<string, string>;
}

/** The files that a run of the program used. */
export interface ProgramSources {
  /** Absolute paths of the program's own files, excluding installed packages. */
  files: string[];
  /** Code of the functions that were bundled from callbacks. */
  bundles: Bundled[];
}

/** The program failed. It has already reported the error through the engine's log or its own output. */
export class ProgramFailed extends Error {
  override name = "ProgramFailed";
}

/**
 * How much esbuild's heap may grow between two garbage collections, in percent. With Go's default of 100, esbuild takes
 * a quarter longer; the memory is free again when its process ends with the program.
 */
const GOGC = "400";

const ENTRY = fileURLToPath(new URL("./programProcess.ts", import.meta.url));

/** A process that has begun to load Pulumi and is waiting for a program. */
export class ProgramProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<number | null>;
  readonly #stop = () => this.stop();

  constructor() {
    this.#child = spawn(
      process.execPath,
      // A program creates many objects that live until it ends; giving them room saves a third of a second.
      ["--max-semi-space-size=64", "--min-semi-space-size=64", "--disable-warning=ExperimentalWarning", ENTRY],
      {
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        env: { GOGC, ...process.env, NODE_COMPILE_CACHE: folders.COMPILED },
      },
    );
    process.once("exit", this.#stop);
    this.#closed = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", resolve);
    });
    this.#closed.catch(() => {});
  }

  /** The sources reported so far; complete once the program has ended, successfully or not. */
  readonly sources: ProgramSources = { files: [], bundles: [] };

  /** @throws ProgramFailed when the program fails */
  async run(program: Program, monitorAddress: string, onOutput: (line: string) => void): Promise<void> {
    this.#child.on("message", (message: FromProgram) => {
      if (message.kind === "bundled") this.sources.bundles.push(message.bundle);
      else this.sources.files = message.files;
    });
    const { stdout, stderr } = this.#child;
    for (const stream of [stdout, stderr]) {
      createInterface({ input: stream as NodeJS.ReadableStream }).on("line", onOutput);
    }
    this.#child.send(messageFor(program, monitorAddress));
    const code = await this.#closed;
    process.removeListener("exit", this.#stop);
    if (code !== 0) throw new ProgramFailed(`the program in ${program.folder} ended with exit code ${code}`);
  }

  /** Leaves the cores to other processes while they need them. */
  lowerPriority(): void {
    try {
      setPriority(this.#child.pid as number, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch {
      // The process couldn't be started, or has ended; running the program reports that.
    }
  }

  /** Ends the process, whatever it is doing. */
  stop(): void {
    this.#child.kill();
  }
}

/** The folder that a program runs in and that its relative paths start from, and its entry point there. */
export function workingFolderOf({ folder, main }: Pick<Program, "folder" | "main">): { folder: string; main: string } {
  const path = resolve(folder, main);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? { folder: path, main: "." } : { folder: dirname(path), main: basename(path) };
}

function messageFor(program: Program, monitorAddress: string): RunMessage {
  const { folder, main } = workingFolderOf(program);
  return {
    args: [
      `--monitor=${monitorAddress}`,
      `--engine=${monitorAddress}`,
      `--project=${program.project}`,
      `--stack=${program.stack}`,
      "--organization=organization",
      `--root-directory=${program.folder}`,
      `--pwd=${folder}`,
      "--parallel=64",
      main,
    ],
    env: {
      PULUMI_NODEJS_TYPESCRIPT: "true",
      PULUMI_NODEJS_TSCONFIG_PATH: program.tsconfig,
      PULUMI_CONFIG: JSON.stringify(program.config),
      PULUMI_CONFIG_SECRET_KEYS: "[]",
    },
  };
}
