/** `npm start`: reads the stack, runs the program, serves what it registers, until Ctrl-C. */
import { join, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { fullKeyOf, readProject, readStackConfig } from "../stack/stackFiles.ts";
import { UsageError } from "../stack/usageError.ts";
import type { Cloud } from "./cloud.ts";
import { lockDataFolder } from "./dataFolder.ts";
import { ProgramFailed, ProgramProcess } from "./engine/program.ts";
import { openInBrowser } from "./openInBrowser.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { warnOfOtherLocalhost } from "./otherLocalhost.ts";
import { LocalPage } from "./page.ts";
import { jsonReporter, peopleReporter, type Reporter } from "./report.ts";
import { stopWhenAsked } from "./stopping.ts";

// Short-lived objects would take 64 MB after a burst, and keep them; the room that they have from the start is enough.
setFlagsFromString("--semi-space-growth-factor=1");

async function main(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  const folder = resolve(options.program);
  const { name, main, tsconfig } = await readProject(options.program);
  const given = givenConfig(options, name);
  const report = namingConfig(given, (options.json ? jsonReporter : peopleReporter)(process.stdout));
  const config = { ...(await fileConfig(options, name, given, report)), ...given };
  const region = config["aws:region"];
  if (region === undefined) throw new UsageError(`"aws:region" is not set in Pulumi.${options.stack}.yaml`);
  const data = options.data === undefined ? undefined : lockDataFolder(options.data);
  const started = performance.now();
  let last = started;
  const step = (what: string) => {
    report({ event: "step", what, ms: Math.round(performance.now() - last) });
    last = performance.now();
  };
  // Pulumi takes as long to load as everything here: both happen at once.
  const program = new ProgramProcess();
  const cloud = await startCloud(options, folder, region, data, report);
  const page = options.page
    ? await LocalPage.start({
        folder,
        port: options.port === 0 ? 0 : options.port + 1,
        issuerUrl: cloud.issuerUrl,
        report,
      })
    : undefined;
  stopWhenAsked(async () => {
    program.stop();
    page?.close();
    await cloud.stop();
    report({ event: "stopped" });
  });
  await warnOfOtherLocalhost(options.port, report);
  // A program that wants to verify tokens finds the local issuer here; on AWS nobody sets these keys.
  config["local:issuer"] = cloud.issuerUrl;
  if (page !== undefined) config["local:page"] = page.url;
  config["local:audience"] = (await import("./identity/issuer.ts")).AUDIENCE;
  step("started the gateway, the AWS endpoint, DynamoDB and the issuer");
  const { deploy } = await import("./deploy.ts");
  const definition = { folder, project: name, stack: options.stack, main, tsconfig, config };
  const { outputs, resources } = await deploy(definition, cloud, program);
  step(`ran the program ${name}, stack ${options.stack}: ${resources} resources`);
  page?.open(outputs);
  report({
    event: "ready",
    outputs,
    ...(page === undefined ? {} : { page: page.url }),
    ms: Math.round(performance.now() - started),
  });
  if (page !== undefined && options.open) openInBrowser(page.url, report);
}

/** Values of `--config`, by full key. */
function givenConfig({ config }: Options, project: string): Record<string, string> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [fullKeyOf(key, project), value]));
}

/** An error that names a key of `--config` says where the value came from: the program knows only the key. */
function namingConfig(given: Record<string, string>, report: Reporter): Reporter {
  return (event) => {
    if (event.event !== "error") return report(event);
    const keys = Object.keys(given).filter((key) => event.message.includes(key));
    const origin = keys.map((key) => `\n${key} was given by --config ${key}=${given[key]}`).join("");
    report({ ...event, message: `${event.message}${origin}` });
  };
}

async function fileConfig(
  { stack, program }: Options,
  project: string,
  given: Record<string, string>,
  report: Reporter,
): Promise<Record<string, string>> {
  const { values, secure } = await readStackConfig(program, project, stack);
  const missing = secure.filter((key) => given[key] === undefined);
  if (missing.length > 0) {
    report({
      event: "warning",
      message: `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} encrypted in Pulumi.${stack}.yaml and cannot be read here: give a value by --config KEY=VALUE`,
    });
  }
  return values;
}

async function startCloud(
  { port, chaos, idleMs, lifetimeMs }: Options,
  folder: string,
  region: string,
  data: string | undefined,
  report: Reporter,
): Promise<Cloud> {
  const { Cloud } = await import("./cloud.ts");
  try {
    return await Cloud.start({
      region,
      programFolder: folder,
      port,
      report,
      lifetimes: { idleMs, lifetimeMs },
      ...(data === undefined ? {} : { data: join(data, "dynamodb") }),
      ...(chaos === undefined ? {} : { chaos }),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new UsageError(`port ${port} is in use: end what listens there, or choose another by --port (0 takes any)`);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError || error instanceof ProgramFailed) console.error(error.message);
  else console.error(error);
  process.exit(1);
}
