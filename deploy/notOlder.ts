/** `node deploy/notOlder.ts --stack prod`: refuses to deploy a commit older than the deployed one. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { commandLine } from "../cli/commandLine.ts";
import { findPulumi, HOW_TO_INSTALL } from "../cli/findPulumi.ts";

const HELP = `Ends with exit code 1 unless the commit that is checked out contains the one that was deployed last. Otherwise, a run
that waits for approval while a later one is deployed would revert the later changes. It needs the full history of the
repository.

  node deploy/notOlder.ts --stack STACK [--last-update TIME]

  --stack STACK       the stack
  --last-update TIME  start of the last update before the plan was made, or "none". If another update has followed, the
                      plan is out of date, and this also ends with exit code 1
  --help              print this
`;

interface Update {
  kind: string;
  startTime?: string;
  environment?: Record<string, string>;
}

const { stack, "last-update": lastUpdate } = commandLine(HELP, {
  stack: { type: "string" },
  "last-update": { type: "string" },
});
const pulumi = findPulumi();
if (stack === undefined) fail("--stack is required; --help explains it");
else if (pulumi === undefined) fail(`the Pulumi CLI is not on this machine: ${HOW_TO_INSTALL}`);
else await check(pulumi, stack);

async function check(pulumi: string, stack: string): Promise<void> {
  const history = await run(pulumi, "stack", "history", "--json", "--page-size", "100", "--stack", stack);
  const [last] = JSON.parse(history) as Update[];
  if (lastUpdate !== undefined && lastUpdate !== (last?.startTime ?? "none")) {
    return fail(
      `the last update of ${stack} is ${last?.startTime ?? "none"}, but when the plan was made it was ${lastUpdate}: the approved ` +
        "changes are out of date. Re-run all jobs of this run, and review the new plan",
    );
  }
  // An update that failed halfway has changed the stack, too.
  const update = (JSON.parse(history) as Update[]).find(({ kind }) => kind === "update" || kind === "destroy");
  if (update === undefined || update.kind === "destroy") return console.log(`nothing is deployed in ${stack}`);
  const deployed = update.environment?.["git.head"];
  if (deployed === undefined) return console.log(`the commit that is deployed in ${stack} is unknown`);
  const commit = (await run("git", "rev-parse", "HEAD")).trim();
  if (await contains(commit, deployed))
    return console.log(`${commit} contains ${deployed}, which is deployed in ${stack}`);
  fail(
    `${commit} doesn't contain ${deployed}, which is deployed in ${stack}: deploying it would revert ${stack} to an older version. ` +
      `Approve the run of a later commit instead. To go back to an older version on purpose, revert the commits on main, or run "npm run up -- --stack ${stack}" yourself`,
  );
}

/** Whether a commit contains the deployed one; false, too, if the repository doesn't have the deployed commit. */
async function contains(commit: string, deployed: string): Promise<boolean> {
  return run("git", "merge-base", "--is-ancestor", deployed, commit).then(
    () => true,
    () => false,
  );
}

async function run(file: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(file, args, { maxBuffer: Number.POSITIVE_INFINITY })).stdout;
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
