/** Shows what CloudFormation would change, before it changes anything. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AwsCli, AwsCliError } from "./awsCli.ts";
import type { Template } from "./templates/resource.ts";

export interface Change {
  action: "Add" | "Modify" | "Remove";
  /** Logical id in the template. */
  id: string;
  type: string;
  /** Physical id: the name that AWS knows the resource by, if it exists. */
  name?: string;
  /** Whether CloudFormation would create a replacement and delete this resource. */
  isReplaced: boolean;
}

export interface ChangeSet {
  /** Name of the CloudFormation stack. */
  stack: string;
  name: string;
  /** Whether the stack doesn't exist yet. */
  isNew: boolean;
  changes: Change[];
}

/** A change set as CloudFormation describes it. */
interface Described {
  Status: string;
  StatusReason?: string;
  Changes?: {
    ResourceChange: {
      Action: Change["action"];
      LogicalResourceId: string;
      PhysicalResourceId?: string;
      ResourceType: string;
      Replacement?: "True" | "False" | "Conditional";
    };
  }[];
}

/**
 * Creates a change set: CloudFormation determines what would change, without changing it.
 *
 * @throws AwsCliError with the reason if it can't
 */
export async function prepare(stack: string, template: Template, aws: AwsCli): Promise<ChangeSet> {
  const isNew = await isMissing(stack, aws);
  const name = `bootstrap-${randomUUID()}`;
  const changeSet = ["--stack-name", stack, "--change-set-name", name];
  const folder = await mkdtemp(join(tmpdir(), "bootstrap-"));
  try {
    const file = join(folder, "template.json");
    await writeFile(file, JSON.stringify(template, null, 2));
    await aws.ask(
      ...["cloudformation", "create-change-set", ...changeSet, "--change-set-type", isNew ? "CREATE" : "UPDATE"],
      ...["--template-body", `file://${file}`, "--capabilities", "CAPABILITY_NAMED_IAM"],
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const prepared = { stack, name, isNew };
  // CloudFormation also marks a change set as failed if it contains no changes.
  const failure = await aws.ask("cloudformation", "wait", "change-set-create-complete", ...changeSet).then(
    () => undefined,
    (error: Error) => error,
  );
  const described = await aws.ask<Described>("cloudformation", "describe-change-set", ...changeSet);
  if (described.Status !== "FAILED") {
    if (failure !== undefined) throw failure;
    return { ...prepared, changes: changesOf(described) };
  }
  await discard({ ...prepared, changes: [] }, aws);
  if (/didn't contain changes|no updates are to be performed/i.test(described.StatusReason ?? ""))
    return { ...prepared, changes: [] };
  throw new AwsCliError(`CloudFormation can't change the stack ${stack}: ${described.StatusReason}`);
}

/** Executes a change set and waits until it is done. @throws AwsCliError with the resources that failed */
export async function execute({ stack, name, isNew }: ChangeSet, aws: AwsCli): Promise<void> {
  const done = isNew ? "stack-create-complete" : "stack-update-complete";
  await aws.ask("cloudformation", "execute-change-set", "--stack-name", stack, "--change-set-name", name);
  try {
    await aws.ask("cloudformation", "wait", done, "--stack-name", stack);
  } catch (error) {
    if (!(error instanceof AwsCliError)) throw error;
    const query =
      "StackEvents[?ends_with(ResourceStatus,'_FAILED')].join(' ',[LogicalResourceId,ResourceStatus,ResourceStatusReason || ''])";
    const reasons = await aws
      .ask<string[]>("cloudformation", "describe-stack-events", "--stack-name", stack, "--query", query)
      .catch(() => []);
    throw new AwsCliError(
      [`CloudFormation hasn't changed the stack ${stack}: ${error.message}`, ...reasons].join("\n  "),
    );
  }
}

/** Deletes a change set that won't be executed. */
export async function discard({ stack, name, isNew }: ChangeSet, aws: AwsCli): Promise<void> {
  // A new stack contains nothing yet. Deleting it also deletes its change set.
  if (isNew) await aws.ask("cloudformation", "delete-stack", "--stack-name", stack);
  else await aws.ask("cloudformation", "delete-change-set", "--stack-name", stack, "--change-set-name", name);
}

async function isMissing(stack: string, aws: AwsCli): Promise<boolean> {
  try {
    const status = await aws.ask<string>(
      ...["cloudformation", "describe-stacks", "--stack-name", stack, "--query", "Stacks[0].StackStatus"],
    );
    return status === "REVIEW_IN_PROGRESS";
  } catch (error) {
    if (error instanceof AwsCliError && /does not exist/.test(error.message)) return true;
    throw error;
  }
}

function changesOf({ Changes = [] }: Described): Change[] {
  return Changes.map(({ ResourceChange: change }) => ({
    action: change.Action,
    id: change.LogicalResourceId,
    type: change.ResourceType,
    ...(change.PhysicalResourceId === undefined ? {} : { name: change.PhysicalResourceId }),
    isReplaced: change.Replacement === "True",
  }));
}
