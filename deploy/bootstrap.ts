/** `node deploy/bootstrap.ts --repository OWNER/REPO`: what CI needs in an AWS account, made in one go. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { commandLine } from "../cli/commandLine.ts";
import { readProject, readStackConfig } from "../stack/stackFiles.ts";
import { UsageError } from "../stack/usageError.ts";
import { AwsCli, AwsCliError } from "./awsCli.ts";
import type { Place, Stack } from "./place.ts";
import { template } from "./template.ts";
import { nextSteps, plan } from "./told.ts";
import { bootstrapStack, sharedToMake, withIds } from "./whatIsThere.ts";

const HELP = `Makes what CI needs in an AWS account, with the credentials of the AWS CLI: a bucket for the state, a key for each
stack's secrets, the permissions boundary of the stacks' roles, and the roles that GitHub Actions takes. Run it from the
root of the repository; run it again whenever it has changed, and after the first "up" of a stack.

  node deploy/bootstrap.ts --repository OWNER/REPO [options]

  --repository NAME     the repository on GitHub: OWNER/REPO, or OWNER@ID/REPO@ID where subjects are immutable
  --stack STACK         a stack that this account is for; may be given more than once   (default: dev, prod)
  --development STACK   the stack that pull requests are previewed against              (default: dev)
  --print               print the CloudFormation template, and change nothing
  --yes                 do not ask
  --help                print this
`;

const values = commandLine(HELP, {
  repository: { type: "string" },
  stack: { type: "string", multiple: true, default: ["dev", "prod"] },
  development: { type: "string", default: "dev" },
  print: { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
});

try {
  await bootstrap();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof AwsCliError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function bootstrap(): Promise<void> {
  const repository = checkedRepository(values.repository);
  const { project, region, stacks } = await readStacks(values.stack, values.development);
  await AwsCli.find();
  const aws = new AwsCli(region);
  const account = await aws.ask<string>("sts", "get-caller-identity", "--query", "Account");
  const place: Place = { account, region, project, repository, stacks: [] };
  for (const stack of stacks) place.stacks.push(await withIds(place, stack, aws));
  const shared = await sharedToMake(place, aws);
  const text = JSON.stringify(template(place, shared), null, 2);
  if (values.print) {
    console.log(text);
    return;
  }
  console.log(plan(place, shared));
  if (!(values.yes || (await isWanted()))) return;
  await deploy(place, text, aws);
  console.log(nextSteps(place));
}

/** @throws UsageError when the stacks' files do not fit together */
async function readStacks(names: string[], development: string) {
  const { name: project } = await readProject(".");
  const files = await Promise.all(
    names.map(async (name) => ({ name, values: (await readStackConfig(".", project, name)).values })),
  );
  for (const { name } of files) checkName(name, names);
  const regions = new Set(files.map(({ values }) => values["aws:region"]));
  const [region] = regions;
  if (region === undefined || regions.size > 1) {
    throw new UsageError(
      `aws:region is ${[...regions].map((each) => each ?? "not set").join(" and ")} in the files of ${names.join(", ")}: ` +
        "run this for the stacks of each Region by themselves, by --stack",
    );
  }
  const stacks: Stack[] = files.map(({ name, values }) => ({
    name,
    stage: values[`${project}:stageName`] ?? name,
    isDevelopment: name === development,
  }));
  return { project, region, stacks };
}

/** A name is a prefix of the state and part of every ARN in the policies. */
function checkName(name: string, names: string[]): void {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw new UsageError(`the stack "${name}" has a name with more than lower-case letters, digits and single hyphens`);
  }
  const longer = names.find((other) => other.startsWith(`${name}-`));
  if (longer !== undefined) {
    throw new UsageError(
      `the stack "${name}" would be let in to what belongs to "${longer}", whose name begins with its own: rename one`,
    );
  }
}

function checkedRepository(repository: string | undefined): string {
  if (repository === undefined)
    throw new UsageError("--repository is missing: which one deploys? --help shows the options");
  if (!/^[A-Za-z0-9-]+(@\d+)?\/[A-Za-z0-9._-]+(@\d+)?$/.test(repository)) {
    throw new UsageError(`--repository is "${repository}": OWNER/REPO, or OWNER@ID/REPO@ID, is expected`);
  }
  return repository;
}

async function isWanted(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError("there is nobody to ask: give --yes");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Make it so? [y/N] ");
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function deploy(place: Place, text: string, aws: AwsCli): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bootstrap-"));
  try {
    const file = join(folder, "template.json");
    await writeFile(file, text);
    await aws.run(
      ...["cloudformation", "deploy", "--stack-name", bootstrapStack(place), "--template-file", file],
      ...["--capabilities", "CAPABILITY_NAMED_IAM", "--no-fail-on-empty-changeset"],
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
