/** Runs a Pulumi program in a process of its own, the way Pulumi's language host does. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

export interface Program {
  /** Folder with Pulumi.yaml. */
  folder: string;
  project: string;
  stack: string;
  /** Entry point relative to the folder; `.` asks package.json. */
  main: string;
  /** Relative to the folder. */
  tsconfig: string;
  config: Record<string, string>;
}

/** The program ended with an error that it has reported through the engine's log, or on its own output. */
export class ProgramFailed extends Error {
  override name = "ProgramFailed";
}

/** @throws ProgramFailed when the program does not end well */
export async function runProgram(
  program: Program,
  monitorAddress: string,
  onOutput: (line: string) => void,
): Promise<void> {
  const runner = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run");
  const child = spawn(
    process.execPath,
    [
      runner,
      `--monitor=${monitorAddress}`,
      `--engine=${monitorAddress}`,
      `--project=${program.project}`,
      `--stack=${program.stack}`,
      "--organization=organization",
      `--root-directory=${program.folder}`,
      `--pwd=${program.folder}`,
      "--parallel=64",
      program.main,
    ],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PULUMI_NODEJS_TYPESCRIPT: "true",
        PULUMI_NODEJS_TSCONFIG_PATH: program.tsconfig,
        PULUMI_CONFIG: JSON.stringify(program.config),
        PULUMI_CONFIG_SECRET_KEYS: "[]",
      },
    },
  );
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onOutput);
  const stopChild = () => child.kill();
  process.once("exit", stopChild);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  process.removeListener("exit", stopChild);
  if (code !== 0) throw new ProgramFailed(`the program in ${program.folder} ended with exit code ${code}`);
}
