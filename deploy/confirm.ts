/** Asks for confirmation on the terminal before anything changes. */
import { createInterface } from "node:readline/promises";
import { UsageError } from "../stack/usageError.ts";
import type { Change, ChangeSet } from "./changeSets.ts";

/**
 * Whether the changes are approved. Each removal must be confirmed by typing the resource's name, even with `--yes`.
 *
 * @param ask puts a question to a person; its second argument is the advice for a run without a terminal
 * @throws UsageError if there is no terminal to ask on
 */
export async function isWanted(
  changeSets: ChangeSet[],
  { yes }: { yes: boolean },
  ask = askOnTerminal,
): Promise<boolean> {
  const removed = changeSets.flatMap(({ changes }) => changes.filter(isRemoved));
  if (removed.length === 0) return yes || /^y(es)?$/i.test(await ask("Make these changes? [y/N] ", "use --yes"));
  for (const change of removed) {
    const name = nameOf(change);
    const how = `${name} would be removed: run this in a terminal, and type its name`;
    if ((await ask(`Type "${name}" to remove it: `, how)) !== name) return false;
  }
  return true;
}

/** Whether the change deletes something that exists. */
export function isRemoved({ action, isReplaced }: Change): boolean {
  return action === "Remove" || isReplaced;
}

export function nameOf({ name, id }: Change): string {
  return name ?? id;
}

async function askOnTerminal(question: string, otherwise: string): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageError(`can't ask for confirmation without a terminal: ${otherwise}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}
