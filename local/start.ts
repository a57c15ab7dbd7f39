/** `npm start`: reads the stack, runs the program, and serves what it registers until Ctrl-C. */
import { setFlagsFromString } from "node:v8";
import { readProject } from "../stack/stackFiles.ts";
import { UsageError } from "../stack/usageError.ts";
import { givenConfig, namingConfig } from "./configuration.ts";
import { lockDataFolder } from "./dataFolder.ts";
import { ProgramFailed } from "./engine/program.ts";
import { readKeys } from "./keys.ts";
import { HELP, parseOptions } from "./options.ts";
import { jsonReporter, peopleReporter } from "./report.ts";
import { type Session, type SessionArgs, startSession } from "./session.ts";
import { stopWhenAsked } from "./stopping.ts";

// The space for short-lived objects would grow to 64 MB after a burst and stay there; its initial size is enough.
setFlagsFromString("--semi-space-growth-factor=1");

async function main(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  const { name } = await readProject(options.program);
  const given = givenConfig(options, name);
  const report = namingConfig(
    given,
    options.json ? jsonReporter(process.stdout) : peopleReporter(process.stdout, options),
  );
  const data = options.data === undefined ? undefined : lockDataFolder(options.data);
  const sessionArgs: SessionArgs = { options, given, report, ...(data === undefined ? {} : { data }) };
  let session: Session | undefined;
  const quit = stopWhenAsked(async () => {
    await session?.stop();
    report({ event: "stopped" });
  });
  let starting = true;
  const start = async () => {
    starting = true;
    await session?.stop();
    session = await startSession(sessionArgs);
    await session.deployed;
    starting = false;
    // After a restart, the page is already open.
    sessionArgs.options = { ...options, open: false };
  };
  if (process.stdin.isTTY) {
    sessionArgs.keys = readKeys(process.stdin, (text) => void process.stdout.write(text), {
      restart: () => void (starting || start().catch(fail)),
      clear: () => void (starting || session?.clearTables().catch(fail)),
      quit,
    });
  }
  await start();
}

function fail(error: unknown): never {
  if (error instanceof UsageError || error instanceof ProgramFailed) console.error(error.message);
  else console.error(error);
  process.exit(1);
}

await main(process.argv.slice(2)).catch(fail);
