/** `npm run preview`, `npm run up`, `npm run destroy`: the Pulumi CLI on a stack of this program. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname } from "node:path";
import { readProject, readStackConfig } from "../stack/stackFiles.ts";
import { findPulumi, HOW_TO_INSTALL } from "./findPulumi.ts";
import { howToClear, pendingCreates } from "./pendingCreates.ts";
import { TTL_TAG } from "./stackLifetimes.ts";

const HELP = `Runs the Pulumi CLI on a stack of the program in this folder.

  npm run preview -- [--stack STACK] [pulumi options]   shows what would change, and checks it against the policies
  npm run up      -- [--stack STACK] [pulumi options]   the same, then asks for confirmation and updates the stack
  npm run destroy -- [--stack STACK] [pulumi options]   deletes everything that the stack has created

  --stack STACK  stack whose Pulumi.STACK.yaml is read; preview and up create a missing stack   (default: dev)
  --help         print this

All other options, such as --yes, --diff or --refresh, are passed on to pulumi: see "npx pulumi up --help".
`;

/** The policy pack's configuration for our own stacks: advisory findings stop an update, too. */
const STRICT = "policy/presets/strict.json";

const COMMANDS = ["preview", "up", "destroy"];

const [command = "", ...args] = process.argv.slice(2);
const { stack, help, others } = parse(args);
if (help || !COMMANDS.includes(command)) {
  process.stdout.write(HELP);
  process.exitCode = help ? 0 : 1;
} else {
  process.exitCode = await main(command, stack, others);
}

async function main(command: string, stack: string, others: string[]): Promise<number> {
  const file = `Pulumi.${stack}.yaml`;
  if (!existsSync(file)) {
    console.error(
      `there is no ${file}: --stack must name a stack that has one; "npm run stack -- new ${stack}" creates it`,
    );
    return 1;
  }
  const pulumi = findPulumi();
  if (pulumi === undefined) {
    console.error(`the Pulumi CLI is not on this machine: ${HOW_TO_INSTALL}`);
    return 1;
  }
  if (command !== "destroy" && !existsSync("policy/dist")) {
    console.error('the policy pack has not been built: run "npm run policy:build" or "npm ci"');
    return 1;
  }
  if (command === "destroy") {
    const code = await run(pulumi, ["destroy", "--stack", stack, ...others]);
    if (code !== 0 && (await keepsData(stack))) console.error(`\n${howToUnprotect(stack)}`);
    return code;
  }
  const { secretsProvider, tags } = await readStackConfig(".", (await readProject(".")).name, stack);
  const provider = secretsProvider === undefined ? [] : ["--secrets-provider", secretsProvider];
  const selected = await run(pulumi, ["stack", "select", "--create", ...provider, stack]);
  if (selected !== 0) return selected;
  // The ttl must be in the backend, because a sweep doesn't have the stack's file; a bucket backend ignores tags in the
  // file.
  if (command === "up" && tags[TTL_TAG] !== undefined) {
    const tagged = await run(pulumi, ["stack", "tag", "set", TTL_TAG, tags[TTL_TAG], "--stack", stack]);
    if (tagged !== 0) return tagged;
  }
  const pack = ["--policy-pack", "policy", "--policy-pack-config", STRICT];
  const code = await run(pulumi, [command, "--stack", stack, ...pack, ...others]);
  const pending = command === "up" ? await pendingCreates(pulumi, stack) : [];
  if (pending.length > 0) console.error(`\n${howToClear(pending, stack)}`);
  return code;
}

/** Separates this command's own options from those passed on to Pulumi. */
function parse(args: string[]) {
  const parsed = { stack: "dev", help: false, others: [] as string[] };
  const rest = [...args];
  while (rest.length > 0) {
    const arg = rest.shift() as string;
    if (arg === "--help" || arg === "-h") parsed.help = true;
    else if (arg === "--stack" || arg === "-s") parsed.stack = rest.shift() ?? "";
    else if (arg.startsWith("--stack=")) parsed.stack = arg.slice("--stack=".length);
    else if (arg !== "--") parsed.others.push(arg);
  }
  return parsed;
}

/** Runs Pulumi on this terminal until it ends. @returns its exit code */
function run(pulumi: string, args: string[]): Promise<number> {
  // Pulumi looks for its language host on PATH; it is in the CLI's folder. The policy pack finds the program's files by
  // PWD.
  const PATH = `${dirname(pulumi)}${delimiter}${process.env.PATH ?? ""}`;
  const child = spawn(pulumi, args, { stdio: "inherit", env: { ...process.env, PATH, PWD: process.cwd() } });
  // The terminal sends Ctrl-C to both processes; Pulumi decides how to react.
  const leaveToChild = () => {};
  process.on("SIGINT", leaveToChild);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.removeListener("SIGINT", leaveToChild);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

async function keepsData(stack: string): Promise<boolean> {
  const { name } = await readProject(".");
  const { values } = await readStackConfig(".", name, stack);
  return values[`${name}:protectData`] === "true";
}

function howToUnprotect(stack: string): string {
  return `The stack "${stack}" protects its data (protectData in Pulumi.${stack}.yaml), in Pulumi and in AWS. To delete it with every
message, every account and all logs that are in it:
  npx pulumi config set protectData false --stack ${stack}
  npm run up -- --stack ${stack}
  npm run destroy -- --stack ${stack}`;
}
