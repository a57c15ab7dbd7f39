/**
 * Names of stacks in one account. A stack has the permission to change any resource whose name begins with the stack's
 * name.
 */

/** A stack that would have access to another stack's resources. */
export interface Overlap {
  reaching: string;
  reached: string;
}

/**
 * @returns undefined if neither this name begins with one of the others and a hyphen, nor one of them with this name
 * and a hyphen
 */
export function overlapOf(name: string, others: string[]): Overlap | undefined {
  for (const other of others) {
    if (other.startsWith(`${name}-`)) return { reaching: name, reached: other };
    if (name.startsWith(`${other}-`)) return { reaching: other, reached: name };
  }
  return undefined;
}

/** Whether the name belongs to a pull request's stack: `pr-12`. */
export function isOfPullRequests(name: string): boolean {
  return pullRequestOf(name) !== undefined;
}

/** @returns number of the pull request that a stack belongs to, undefined for any other stack */
export function pullRequestOf(name: string): number | undefined {
  const [, number] = /^pr-([1-9]\d{0,9})$/.exec(name) ?? [];
  return number === undefined ? undefined : Number(number);
}
