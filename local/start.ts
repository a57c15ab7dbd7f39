/** `npm start`: reads the stack, runs the program, serves what it registers, until Ctrl-C. */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { fullKeyOf, readProject, readStackConfig } from "../stack/stackFiles.ts";
import { UsageError } from "../stack/usageError.ts";
import { Cloud } from "./cloud.ts";
import { deploy } from "./deploy.ts";
import { ProgramFailed } from "./engine/program.ts";
import { AUDIENCE } from "./identity/issuer.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { jsonReporter, peopleReporter, type Reporter } from "./report.ts";

// Short-lived objects would take 64 MB after a burst, and keep them; the room that they have from the start is enough.
setFlagsFromString("--semi-space-growth-factor=1");

async function main(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  const report = (options.json ? jsonReporter : peopleReporter)(process.stdout);
  const started = performance.now();
  let last = started;
  const step = (what: string) => {
    report({ event: "step", what, ms: Math.round(performance.now() - last) });
    last = performance.now();
  };
  const folder = resolve(options.program);
  const project = await readProject(folder);
  const config = await configOf(options, folder, project.name, report);
  const region = config["aws:region"];
  if (region === undefined) throw new UsageError(`"aws:region" is not set in Pulumi.${options.stack}.yaml`);
  const cloud = await startCloud(options, folder, region, report);
  stopOnSignal(cloud, report);
  const { name, main, tsconfig } = project;
  // A program that wants to know who speaks finds the local issuer here; on AWS nobody sets these keys.
  config["local:issuer"] = cloud.issuerUrl;
  config["local:audience"] = AUDIENCE;
  step("started the gateway, the AWS endpoint, DynamoDB and the issuer");
  const program = { folder, project: name, stack: options.stack, main, tsconfig, config };
  const { outputs, resources } = await deploy(program, cloud);
  step(`ran the program ${name}, stack ${options.stack}: ${resources} resources`);
  report({ event: "ready", outputs, ms: Math.round(performance.now() - started) });
}

async function configOf(
  { stack, config }: Options,
  folder: string,
  project: string,
  report: Reporter,
): Promise<Record<string, string>> {
  const { values, secure } = await readStackConfig(folder, project, stack);
  const given = Object.fromEntries(Object.entries(config).map(([key, value]) => [fullKeyOf(key, project), value]));
  const missing = secure.filter((key) => given[key] === undefined);
  if (missing.length > 0) {
    report({
      event: "warning",
      message: `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} encrypted in Pulumi.${stack}.yaml and cannot be read here: give a value by --config KEY=VALUE`,
    });
  }
  return { ...values, ...given };
}

async function startCloud(options: Options, folder: string, region: string, report: Reporter): Promise<Cloud> {
  const { port, data, chaos, idleMs, lifetimeMs } = options;
  try {
    if (data !== undefined) await mkdir(data, { recursive: true });
    return await Cloud.start({
      region,
      programFolder: folder,
      port,
      report,
      lifetimes: { idleMs, lifetimeMs },
      ...(data === undefined ? {} : { data: join(resolve(data), "dynamodb") }),
      ...(chaos === undefined ? {} : { chaos }),
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") {
      throw new UsageError(`port ${port} is in use: end what listens there, or choose another by --port (0 takes any)`);
    }
    if (code === "EACCES" || code === "ENOTDIR" || code === "EEXIST") {
      throw new UsageError(`the folder "${data}" cannot be used for --data: ${message}`);
    }
    throw error;
  }
}

function stopOnSignal(cloud: Cloud, report: Reporter): void {
  let stopping = false;
  const stop = async () => {
    // npm and the terminal may both send the signal; the second is no more urgent than the first.
    if (stopping) return;
    stopping = true;
    await cloud.stop();
    report({ event: "stopped" });
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError || error instanceof ProgramFailed) console.error(error.message);
  else console.error(error);
  process.exit(1);
}
