import { type ParseArgsConfig, parseArgs } from "node:util";

/**
 * Parses the options of a command. `--help` prints the help and ends the process; an unknown option ends it with an
 * error message and exit code 1.
 */
export function commandLine<Options extends NonNullable<ParseArgsConfig["options"]>>(help: string, options: Options) {
  return commandLineWithNames(help, options, false).values;
}

/** Parses the options and positional arguments of a command. */
export function commandLineWithNames<Options extends NonNullable<ParseArgsConfig["options"]>>(
  help: string,
  options: Options,
  allowPositionals = true,
) {
  const config = { options: { ...options, help: { type: "boolean" } }, allowPositionals } as const;
  let parsed: ReturnType<typeof parseArgs<typeof config>>;
  try {
    parsed = parseArgs(config);
  } catch (error) {
    console.error(`${(error as Error).message.replaceAll("\n", " ")}; --help shows the options`);
    process.exit(1);
  }
  if ((parsed.values as { help?: boolean }).help) {
    process.stdout.write(help);
    process.exit(0);
  }
  return parsed;
}
