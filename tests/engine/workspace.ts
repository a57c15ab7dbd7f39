/** A copy of the program, and the real Pulumi CLI with its own state and its own AWS account. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findPulumi, HOW_TO_INSTALL } from "../../cli/findPulumi.ts";
import type { Inputs } from "../../local/resources/model.ts";
import { Account } from "./standIn/account.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Stand-ins for plugins, by package. */
const STAND_INS = { aws: "./standIn/main.ts", awsx: "./standIn/awsx.ts" };

export const pulumi = findPulumi();

/** The reason why these tests are skipped; undefined if they aren't. */
export const SKIPPED = pulumi === undefined ? `skipped without the Pulumi CLI: ${HOW_TO_INSTALL}` : undefined;

/** A change to one resource, as the engine made or predicted it. */
export interface Step {
  /** `create`, `update`, `delete`, `same`, `create-replacement`, `delete-replaced`, … */
  op: string;
  urn: string;
  type: string;
  name: string;
  /** Inputs, after the provider's check. */
  inputs: Inputs;
}

/** A finding of the policy pack. */
export interface Violation {
  policyName: string;
  enforcementLevel: string;
  message: string;
  resourceUrn: string;
}

export interface Ended {
  code: number | null;
  /** Output of the command, without colors. */
  said: string;
  steps: Step[];
  violations: Violation[];
}

export interface Exported {
  version: number;
  deployment: { manifest: unknown; resources: ExportedResource[] };
}

export interface ExportedResource {
  urn: string;
  type: string;
  custom: boolean;
  id?: string;
  parent?: string;
  protect?: boolean;
  provider?: string;
  dependencies?: string[];
  /** URNs of the resources that an input comes from, by the input's name; null stands for an empty list. */
  propertyDependencies?: Record<string, string[] | null>;
  inputs?: Inputs;
  outputs?: Inputs;
  [property: string]: unknown;
}

export class Workspace {
  /** Folder of the program's copy. */
  folder: string;
  /** Resources that exist in its AWS account. */
  readonly account: Account;
  /** Folder of the program's caches, relative to its folder. @default the caches of this repository */
  caches = "";
  /** `type name` of a resource that can't be created now. */
  failing = "";
  /** Time that AWS takes until a created resource exists, and takes again until it confirms this. */
  creatingMs = 0;
  readonly stateFolder: string;
  readonly #home: string;
  readonly #savesEachStep: boolean;
  #logs = 0;

  private constructor(home: string, savesEachStep: boolean) {
    this.#home = home;
    this.#savesEachStep = savesEachStep;
    this.stateFolder = join(home, "state");
    this.folder = join(home, "program");
    this.account = new Account(join(home, "account"));
  }

  /**
   * Copies the program and the stand-ins to a new folder.
   *
   * @param options.savesEachStep whether the state is saved after each step, as usual, or only at the end, which is
   * faster
   */
  static async make({ savesEachStep = false } = {}): Promise<Workspace> {
    const workspace = new Workspace(await mkdtemp(join(tmpdir(), "engine-")), savesEachStep);
    const home = workspace.#home;
    for (const folder of ["state", "account", "bin", "pulumi"]) await mkdir(join(home, folder));
    const versions = join(process.env.PULUMI_HOME || join(homedir(), ".pulumi"), "versions");
    await symlink(versions, join(home, "pulumi/versions"));
    for (const [name, file] of Object.entries(STAND_INS)) {
      const standIn = fileURLToPath(new URL(file, import.meta.url));
      const start = `exec "${process.execPath}" --disable-warning=ExperimentalWarning "${standIn}" "$@"`;
      await workspace.putCommand(`pulumi-resource-${name}`, start);
    }
    await copyProgram(ROOT, workspace.folder);
    return workspace;
  }

  /** Runs the program in another folder from now on. */
  async moveTo(name: string): Promise<void> {
    const before = this.folder;
    this.folder = join(this.#home, name);
    await copyProgram(before, this.folder);
  }

  /** Changes a file of the copy. @throws Error if the file doesn't contain the text */
  async edit(file: string, text: string | RegExp, replacement: string): Promise<void> {
    const before = await readFile(join(this.folder, file), "utf8");
    const after = before.replace(text, replacement);
    if (after === before) throw new Error(`${file} has no ${text}`);
    await writeFile(join(this.folder, file), after);
  }

  /** Runs one of the project's own commands, as `npm run preview -- --stack dev` does. */
  npmRun(command: string, ...args: string[]): Promise<Ended> {
    const events = this.#eventLog();
    const file = join(ROOT, "cli/pulumi.ts");
    return this.#run(
      process.execPath,
      [join(ROOT, "cli/launch.js"), file, command, ...args, "--event-log", events],
      events,
    );
  }

  /** Adds a command to PATH, before any other with this name. @param script a shell script */
  async putCommand(name: string, script: string): Promise<void> {
    const file = join(this.#home, "bin", name);
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }

  /** Runs the stack command with these arguments, as `npm run stack -- list` does. */
  stackCommand(...args: string[]): Promise<Ended> {
    return this.#run(process.execPath, [join(ROOT, "cli/launch.js"), join(ROOT, "cli/stack.ts"), ...args]);
  }

  /** Runs `pulumi preview`, `pulumi up` or `pulumi destroy`, without the project's own commands. */
  async operate(command: "preview" | "up" | "destroy", stack: string, ...args: string[]): Promise<Ended> {
    const events = this.#eventLog();
    const yes = command === "preview" ? [] : ["--yes", "--skip-preview"];
    return this.#run(pulumi as string, [command, "--stack", stack, ...yes, ...args, "--event-log", events], events);
  }

  /**
   * Runs `pulumi up`, and kills it with SIGKILL this many milliseconds after the engine has begun with the first
   * resource.
   *
   * @returns whether it was killed before it ended by itself, and how long it ran after its first resource
   */
  async killUp(stack: string, afterMs: number): Promise<{ wasKilled: boolean; ranMs: number }> {
    const events = this.#eventLog();
    const args = ["up", "--stack", stack, "--yes", "--skip-preview", "--event-log", events];
    const child = spawn(pulumi as string, args, { cwd: this.folder, stdio: "ignore", env: this.#env() });
    const ended = once(child, "close");
    const begun = await Promise.race([this.#firstStep(events), ended.then(() => Date.now())]);
    const timer = setTimeout(() => child.kill("SIGKILL"), Math.min(afterMs, 2 ** 30));
    const [, signal] = await ended;
    clearTimeout(timer);
    return { wasKilled: signal === "SIGKILL", ranMs: Date.now() - begun };
  }

  /** @returns time at which the engine began with the first resource */
  async #firstStep(events: string): Promise<number> {
    while (!(await readFile(events, "utf8").catch(() => "")).includes("resourcePreEvent")) await delay(5);
    return Date.now();
  }

  /** Runs any other command of the CLI. @returns its standard output @throws Error with its output if it fails */
  async pulumi(...args: string[]): Promise<string> {
    const { code, said, stdout } = await this.#run(pulumi as string, args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with exit code ${code}:\n${said}`);
    return stdout;
  }

  async outputs(stack: string): Promise<Record<string, string>> {
    return JSON.parse(await this.pulumi("stack", "output", "--json", "--stack", stack));
  }

  async export(stack: string): Promise<Exported> {
    return JSON.parse(await this.pulumi("stack", "export", "--stack", stack));
  }

  async import(stack: string, state: Exported): Promise<void> {
    const file = join(this.#home, "imported.json");
    await writeFile(file, JSON.stringify(state));
    await this.pulumi("stack", "import", "--stack", stack, "--file", file);
  }

  async end(): Promise<void> {
    await rm(this.#home, { recursive: true, force: true });
  }

  #eventLog(): string {
    this.#logs += 1;
    return join(this.#home, `events-${this.#logs}`);
  }

  #env(): NodeJS.ProcessEnv {
    const { FORCE_COLOR: _, NODE_OPTIONS: __, ...env } = process.env;
    return {
      ...env,
      // As a shell sets it after `cd`: the policy pack finds the program's files by PWD.
      PWD: this.folder,
      PATH: [join(this.#home, "bin"), dirname(pulumi as string), env.PATH].join(delimiter),
      ...(this.caches === "" ? {} : { SERVERLESS_CHAT_CACHE: join(this.folder, this.caches) }),
      STAND_IN_ACCOUNT: join(this.#home, "account"),
      STAND_IN_FAILING: this.failing,
      STAND_IN_CREATING_MS: String(this.creatingMs),
      PULUMI_HOME: join(this.#home, "pulumi"),
      PULUMI_BACKEND_URL: `file://${this.stateFolder}`,
      PULUMI_CONFIG_PASSPHRASE: "of no importance",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Enables the option --event-log, which the automation API uses too.
      PULUMI_DEBUG_COMMANDS: "true",
      PULUMI_SKIP_CHECKPOINTS: String(!this.#savesEachStep),
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      NO_COLOR: "1",
    };
  }

  async #run(file: string, args: string[], events?: string): Promise<Ended & { stdout: string }> {
    const child = spawn(file, args, { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"], env: this.#env() });
    let [said, stdout] = ["", ""];
    child.stdout.on("data", (data) => {
      said += data;
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      said += data;
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    return { code, said, stdout, ...(await readEvents(events)) };
  }
}

/** Files of this repository that Pulumi reads. */
const PROGRAM = [
  ...["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "package.json", "tsconfig.json", "tsconfig.pulumi.json"],
  ...["index.ts", "config.ts", "settings", "components", "cache", "callbacks", "handlers", "chat", "protocol", "iam"],
  // The web page.
  ...["page.ts", "client", "react", "web"],
];

async function copyProgram(from: string, to: string): Promise<void> {
  await mkdir(to);
  const isSource = (path: string) => !path.includes("node_modules", from.length);
  for (const source of PROGRAM) await cp(join(from, source), join(to, source), { recursive: true, filter: isSource });
  for (const shared of ["node_modules", "policy"]) await symlink(join(ROOT, shared), join(to, shared));
}

/** Parses the engine's event log. */
async function readEvents(file: string | undefined): Promise<{ steps: Step[]; violations: Violation[] }> {
  const [steps, violations]: [Step[], Violation[]] = [[], []];
  const log = file === undefined ? "" : await readFile(file, "utf8").catch(() => "");
  for (const line of log.split("\n").filter(Boolean)) {
    const { resourcePreEvent, policyEvent } = JSON.parse(line);
    if (policyEvent !== undefined) violations.push(policyEvent);
    const { op, urn, type, new: made } = resourcePreEvent?.metadata ?? {};
    if (op === undefined || type.startsWith("pulumi:")) continue;
    steps.push({ op, urn, type, name: urn.split("::").slice(3).join("::"), inputs: made?.inputs ?? {} });
  }
  return { steps, violations };
}
