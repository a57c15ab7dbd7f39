/** Destroys stacks that are no longer wanted. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { pullRequestOf } from "../stack/stackNames.ts";
import { isExpired, type RunPulumi, type StackLifetime, stackLifetimes } from "./stackLifetimes.ts";

/** Stacks that are never destroyed, whatever their tags say. */
const KEPT = ["dev", "prod"];

export interface SweepOptions {
  /** Destroy the stacks instead of only listing them. */
  yes: boolean;
  /** Ask GitHub about the pull requests of stacks named `pr-12`. */
  pullRequests: boolean;
  now: Date;
  log: (line: string) => void;
}

/** The reason to destroy a stack, the reason to keep it, or the problem that prevented the decision. */
type Verdict = { destroy: string } | { keep: string } | { problem: string };

/**
 * @returns false if a stack couldn't be destroyed, GitHub didn't return the state of its pull request, or its ttl isn't
 * a duration; the other stacks are destroyed anyway
 */
export async function sweep(pulumi: RunPulumi, { yes, pullRequests, now, log }: SweepOptions): Promise<boolean> {
  const count = { destroyed: 0, kept: 0, failed: 0 };
  for (const stack of await stackLifetimes(pulumi)) {
    const verdict = await judge(stack, pullRequests, now);
    if ("keep" in verdict) {
      count.kept += 1;
      log(`${stack.name}: kept, ${verdict.keep}`);
    } else if ("problem" in verdict) {
      count.failed += 1;
      log(`${stack.name}: kept, but ${verdict.problem}`);
    } else if (!yes) {
      count.destroyed += 1;
      log(`${stack.name}: would be destroyed, ${verdict.destroy}`);
    } else if (await destroy(pulumi, stack.name, log)) {
      count.destroyed += 1;
      log(`${stack.name}: destroyed, ${verdict.destroy}`);
    } else count.failed += 1;
  }
  log(`\n${count.destroyed} ${yes ? "destroyed" : "to destroy"}, ${count.kept} kept, ${count.failed} failed`);
  if (!yes && count.destroyed > 0) log("Nothing has been destroyed yet: run this with --yes to destroy these stacks.");
  return count.failed === 0;
}

async function judge(stack: StackLifetime, pullRequests: boolean, now: Date): Promise<Verdict> {
  if (KEPT.includes(stack.name)) return { keep: "as always" };
  if (stack.ttl === undefined) return { keep: "it has no ttl" };
  const number = pullRequestOf(stack.name);
  if (pullRequests && number !== undefined) {
    const verdict = await judgePullRequest(number);
    if (verdict !== undefined) return verdict;
  }
  if (stack.expiresAt === undefined)
    return {
      problem: `its ttl is "${stack.ttl}", which isn't a duration: npx pulumi stack tag set ttl 48h --stack ${stack.name}`,
    };
  return isExpired(stack, now)
    ? { destroy: `its ttl of ${stack.ttl} has passed` }
    : { keep: `its ttl of ${stack.ttl} hasn't passed` };
}

/** @returns undefined if the stack's ttl decides */
async function judgePullRequest(number: number): Promise<Verdict | undefined> {
  try {
    // Asked separately for each stack, not for all at the beginning: a pull request may get a label in the meantime.
    const { stdout } = await promisify(execFile)("gh", ["pr", "view", String(number), "--json", "state,labels"]);
    const { state, labels } = JSON.parse(stdout) as { state: string; labels: { name: string }[] };
    const names = labels.map(({ name }) => name);
    if (state !== "OPEN") return { destroy: `pull request ${number} is ${state.toLowerCase()}` };
    if (!names.includes("deploy")) return { destroy: `pull request ${number} has lost its label "deploy"` };
    return names.includes("persist") ? { keep: `pull request ${number} has the label "persist"` } : undefined;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return { problem: `GitHub didn't return the state of pull request ${number}: ${stderr?.trim() || message}` };
  }
}

/** Destroys a stack from its state alone, without the program. @returns whether it is gone */
async function destroy(pulumi: RunPulumi, stack: string, log: SweepOptions["log"]): Promise<boolean> {
  try {
    await pulumi("destroy", "--yes", "--remove", "--stack", stack);
    return true;
  } catch (error) {
    log(`${stack}: not destroyed\n${(error as Error).message.replace(/^/gm, "  ")}`);
    return false;
  }
}
