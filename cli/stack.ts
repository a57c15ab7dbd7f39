/** `npm run stack -- new alice`, `list`, `sweep`: creates, lists and removes stacks other than `dev` and `prod`. */
import { UsageError } from "../stack/usageError.ts";
import { commandLineWithNames } from "./commandLine.ts";
import { findPulumi, HOW_TO_INSTALL } from "./findPulumi.ts";
import { makeStack } from "./newStack.ts";
import { formatLifetimes, pulumiRunner, stackLifetimes } from "./stackLifetimes.ts";
import { sweep } from "./sweep.ts";

const HELP = `Creates, lists and cleans up stacks, such as one for yourself and one for each pull request.

  npm run stack -- new NAME [options]     creates the settings of a new stack from those of another
  npm run stack -- list                   shows the stacks in the backend, and when they expire
  npm run stack -- sweep [options]        shows the stacks that have expired; with --yes destroys them

Options of new:
  --from STACK             stack whose settings are copied                           (default: dev)
  --ttl DURATION           time from its last "up" until a sweep may destroy it: 48h (default: never)
  --set KEY=VALUE          a setting that replaces the other stack's; may be given more than once
  --secrets-provider URL   the key for its secrets                                   (default: named at "stack init")

Settings that belong to the other stack alone aren't copied: API Gateway's log role, the permissions boundary, the key
for its secrets, and the secrets.

Options of sweep:
  --yes                    destroy; without it nothing changes
  --pull-requests          ask GitHub, with "gh", about the pull requests of stacks such as pr-12: a stack is destroyed
                           if its pull request is closed or has lost the label "deploy", and kept while the
                           pull request has the label "persist"

A sweep never destroys dev, prod, or a stack without a ttl. If a stack can't be destroyed, it continues and ends with
exit code 1.
`;

const { values, positionals } = commandLineWithNames(HELP, {
  from: { type: "string", default: "dev" },
  ttl: { type: "string" },
  set: { type: "string", multiple: true },
  "secrets-provider": { type: "string" },
  yes: { type: "boolean", default: false },
  "pull-requests": { type: "boolean", default: false },
});

try {
  await main(positionals);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function main([command, name, ...more]: string[]): Promise<void> {
  if (command === "new" && name !== undefined && more.length === 0) {
    const { from, ttl, set, "secrets-provider": secretsProvider } = values;
    await makeStack({ name, from, ttl, set, secretsProvider });
  } else if (command === "list" && name === undefined) {
    console.log(formatLifetimes(await readable(stackLifetimes(pulumi())), new Date()));
  } else if (command === "sweep" && name === undefined) {
    const { yes, "pull-requests": pullRequests } = values;
    const isDone = await readable(sweep(pulumi(), { yes, pullRequests, now: new Date(), log: console.log }));
    if (!isDone) process.exitCode = 1;
  } else {
    throw new UsageError('"new" with one name, "list" or "sweep" is expected, such as: npm run stack -- new alice');
  }
}

/** @throws UsageError with the CLI's output if the CLI fails, for example because it isn't logged in to a backend */
async function readable<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: Error) => {
    throw new UsageError(error.message);
  });
}

/** @throws UsageError if the CLI is missing */
function pulumi() {
  const found = findPulumi();
  if (found === undefined) throw new UsageError(`the Pulumi CLI is not on this machine: ${HOW_TO_INSTALL}`);
  return pulumiRunner(found);
}
