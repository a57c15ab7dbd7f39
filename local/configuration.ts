/** The program's configuration: its stack's file, with the values from the command line. */
import { join, resolve } from "node:path";
import { findStackConfig, fullKeyOf, readProject } from "../stack/stackFiles.ts";
import { UsageError } from "../stack/usageError.ts";
import type { Program } from "./engine/program.ts";
import type { Options } from "./options.ts";
import type { Reporter } from "./report.ts";

/** Values of `--config`, by full key, such as `chat:memory`. */
export function givenConfig({ config }: Options, project: string): Record<string, string> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [fullKeyOf(key, project), value]));
}

/** Returns a reporter that adds `--config KEY=VALUE` to errors that name KEY: the program knows only the key. */
export function namingConfig(given: Record<string, string>, report: Reporter): Reporter {
  return (event) => {
    if (event.event !== "error") return report(event);
    const keys = Object.keys(given).filter((key) => event.message.includes(key));
    const origin = keys.map((key) => `\n${key} was given by --config ${key}=${given[key]}`).join("");
    report({ ...event, message: `${event.message}${origin}` });
  };
}

/** A program with its configuration, as its files and `--config` currently set it. */
export interface Configured {
  program: Program;
  region: string;
}

/**
 * Reads the program's project and stack files. Warns about encrypted values that `given` doesn't replace.
 *
 * @throws UsageError naming the file and what is wrong with it, or saying that no Region is set
 */
export async function readProgram(
  { stack, program }: Options,
  given: Record<string, string>,
  report: Reporter,
): Promise<Configured> {
  const { name, main, tsconfig, config: ofProject } = await readProject(program);
  const ofStack = await findStackConfig(program, name, stack);
  const { values, secure } = ofStack ?? { values: {}, secure: [] };
  const missing = secure.filter((key) => given[key] === undefined);
  if (missing.length > 0) {
    report({
      event: "warning",
      message: `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} encrypted in Pulumi.${stack}.yaml and cannot be read here: pass a value with --config KEY=VALUE`,
    });
  }
  const config = { ...ofProject, ...values, ...given };
  const region = config["aws:region"];
  if (region === undefined) {
    const where =
      ofStack === undefined ? `there is no ${join(program, `Pulumi.${stack}.yaml`)}` : `Pulumi.${stack}.yaml has none`;
    throw new UsageError(`"aws:region" is not set: ${where}; set it there, or with --config aws:region=eu-central-1`);
  }
  return { program: { folder: resolve(program), project: name, stack, main, tsconfig, config }, region };
}
