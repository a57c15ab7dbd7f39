/** `node deploy/notOlder.ts --stack prod`: refuses to deploy a commit older than the deployed one. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { commandLine } from "../cli/commandLine.ts";
import { findPulumi, HOW_TO_INSTALL } from "../cli/findPulumi.ts";

const HELP = `Ends with exit code 1 unless the commit that is checked out contains the one that was deployed last. A run that waits for
approval while a later one is deployed would take the stack back. It needs the whole history of the repository.

  node deploy/notOlder.ts --stack STACK [--last-update TIME]

  --stack STACK       the stack
  --last-update TIME  when the last update began before the plan was made, or "none": where another one has followed, the plan
                      is no longer what would be done, and this ends with exit code 1, too
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
if (stack === undefined) fail("--stack is needed; --help shows what it is");
else if (pulumi === undefined) fail(`the Pulumi CLI is not on this machine: ${HOW_TO_INSTALL}`);
else await check(pulumi, stack);

async function check(pulumi: string, stack: string): Promise<void> {
  const history = await run(pulumi, "stack", "history", "--json", "--page-size", "100", "--stack", stack);
  const [last] = JSON.parse(history) as Update[];
  if (lastUpdate !== undefined && lastUpdate !== (last?.startTime ?? "none")) {
    const was = lastUpdate === "none" ? "there was none" : `it was that of ${lastUpdate}`;
    return fail(
      `the last update of ${stack} is that of ${last?.startTime ?? "nobody"}, and when the plan was made ${was}: what was ` +
        "approved isn't what would be done now. Re-run all jobs of this run, and look at the new plan",
    );
  }
  // An update that failed halfway has changed the stack, too.
  const update = (JSON.parse(history) as Update[]).find(({ kind }) => kind === "update" || kind === "destroy");
  if (update === undefined || update.kind === "destroy") return console.log(`nothing is deployed in ${stack}`);
  const deployed = update.environment?.["git.head"];
  if (deployed === undefined) return console.log(`nobody knows which commit is deployed in ${stack}`);
  const commit = (await run("git", "rev-parse", "HEAD")).trim();
  if (await contains(commit, deployed))
    return console.log(`${commit} contains ${deployed}, which is deployed in ${stack}`);
  fail(
    `${commit} doesn't contain ${deployed}, which is deployed in ${stack}: deploying it would take ${stack} back. Approve the ` +
      `run of a later commit; or, if ${stack} is to go back, revert on main, or run "npm run up -- --stack ${stack}" yourself`,
  );
}

/** @returns false also if the repository doesn't have the commit */
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
