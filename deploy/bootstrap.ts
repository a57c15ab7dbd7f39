/** `node deploy/bootstrap.ts --repository OWNER/REPO`: creates everything that CI needs in an AWS account. */
import { commandLine } from "../cli/commandLine.ts";
import { readProject, readStackConfig } from "../stack/stackFiles.ts";
import { overlapOf } from "../stack/stackNames.ts";
import { UsageError } from "../stack/usageError.ts";
import { AwsCli, AwsCliError } from "./awsCli.ts";
import { discard, execute, prepare } from "./changeSets.ts";
import { isWanted } from "./confirm.ts";
import { bootstrapStack, sharedToMake, stacksSetUp, withIds } from "./existingResources.ts";
import { changesToCome, nextSteps, plan } from "./messages.ts";
import { PULL_REQUESTS, type Stack, type Target } from "./target.ts";
import type { Template } from "./templates/resource.ts";
import { sharedTemplate } from "./templates/shared.ts";
import { stackTemplate } from "./templates/stack.ts";

const HELP = `Creates everything that CI needs in an AWS account, with the credentials of the AWS CLI: a bucket for the state, a key
for each stack's secrets, the permissions boundary of the stacks' roles, and the roles that GitHub Actions assumes. Run
it from the root of the repository: once at first, again after the first "up" of a stack, and whenever this command has
changed. It shows what CloudFormation will change before it changes anything. Other stacks in the account stay as they
are.

  node deploy/bootstrap.ts --repository OWNER/REPO [options]

  --repository NAME     the repository on GitHub: OWNER/REPO, or OWNER@ID/REPO@ID if its OIDC subjects are immutable
  --stack STACK         a stack to set up; may be given more than once                  (default: dev, prod)
  --development STACK   the stack that pull requests are previewed against              (default: dev)
  --pull-requests       also set up what the stacks of pull requests share: a key, a boundary, a role
  --print               print each stack's CloudFormation template, and change nothing
  --yes                 don't ask for confirmation, unless something would be removed
  --help                print this
`;

const values = commandLine(HELP, {
  repository: { type: "string" },
  stack: { type: "string", multiple: true, default: ["dev", "prod"] },
  development: { type: "string", default: "dev" },
  "pull-requests": { type: "boolean", default: false },
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
  if (values["pull-requests"]) stacks.push(PULL_REQUESTS);
  const names = stacks.map(({ name }) => name);
  await AwsCli.find();
  const aws = new AwsCli(region);
  const account = await aws.ask<string>("sts", "get-caller-identity", "--query", "Account");
  const target: Target = { account, region, project, repository, stacks };
  const [shared, others, withTheirIds] = await Promise.all([
    sharedToMake(target, aws),
    stacksSetUp(target, aws),
    Promise.all(stacks.map((stack) => withIds(target, stack, aws))),
  ]);
  target.stacks = withTheirIds;
  const all = [...new Set([...others, ...names])].sort();
  for (const name of names) checkName(name, all);
  const templates: [stack: string, template: Template][] = [
    [bootstrapStack(target), sharedTemplate(target, shared, all)],
    ...target.stacks.map((stack): [string, Template] => [bootstrapStack(target, stack), stackTemplate(target, stack)]),
  ];
  if (values.print) {
    console.log(JSON.stringify(Object.fromEntries(templates), null, 2));
    return;
  }
  console.log(plan(target, shared));
  if (await deploy(templates, aws)) console.log(nextSteps(target));
}

/** @returns false if the changes weren't approved */
async function deploy(templates: [stack: string, template: Template][], aws: AwsCli): Promise<boolean> {
  const prepared = await Promise.allSettled(templates.map(([stack, template]) => prepare(stack, template, aws)));
  const changeSets = prepared.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  let executed = 0;
  try {
    const failed = prepared.find(({ status }) => status === "rejected") as PromiseRejectedResult | undefined;
    if (failed !== undefined) throw failed.reason;
    console.log(changesToCome(changeSets));
    const changing = changeSets.filter(({ changes }) => changes.length > 0);
    if (changing.length > 0 && !(await isWanted(changing, values))) return false;
    for (const changeSet of changeSets) {
      executed += 1;
      if (changeSet.changes.length > 0) await execute(changeSet, aws);
    }
    return true;
  } finally {
    const left = changeSets.slice(executed).filter(({ changes }) => changes.length > 0);
    await Promise.all(left.map((changeSet) => discard(changeSet, aws)));
  }
}

/** @throws UsageError if the stacks' files contradict each other */
async function readStacks(names: string[], development: string) {
  const { name: project } = await readProject(".");
  const files = await Promise.all(
    names.map(async (name) => ({ name, values: (await readStackConfig(".", project, name)).values })),
  );
  const regions = new Set(files.map(({ values }) => values["aws:region"]));
  const [region] = regions;
  if (region === undefined || regions.size > 1) {
    throw new UsageError(
      `aws:region is ${[...regions].map((each) => each ?? "not set").join(" and ")} in the settings of ${names.join(", ")}: ` +
        "set one Region for all of them, or run this separately for each Region, with --stack",
    );
  }
  const stacks: Stack[] = files.map(({ name, values }) => ({
    name,
    stage: values[`${project}:stageName`] ?? name,
    isDevelopment: name === development,
  }));
  return { project, region, stacks };
}

/**
 * Checks a stack's name, which becomes a prefix in the state bucket and a part of every ARN in the policies.
 *
 * @throws UsageError
 */
function checkName(name: string, names: string[]): void {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw new UsageError(
      `the stack "${name}" has an invalid name: use only lowercase letters, digits and single hyphens`,
    );
  }
  const overlap = overlapOf(name, names);
  if (overlap === undefined) return;
  throw new UsageError(
    `the stack "${overlap.reaching}" could change the resources of "${overlap.reached}", because the name ` +
      `"${overlap.reached}" begins with "${overlap.reaching}": choose a name other than "${name}"`,
  );
}

function checkedRepository(repository: string | undefined): string {
  if (repository === undefined)
    throw new UsageError("--repository is missing: name the repository that deploys; --help shows the options");
  if (!/^[A-Za-z0-9-]+(@\d+)?\/[A-Za-z0-9._-]+(@\d+)?$/.test(repository)) {
    throw new UsageError(`--repository is "${repository}": OWNER/REPO or OWNER@ID/REPO@ID is expected`);
  }
  return repository;
}
