/** Names of stacks in one account: what belongs to a stack has a name that begins with the stack's. */

/** A stack that would be let in to what belongs to another one. */
export interface Overlap {
  reaching: string;
  reached: string;
}

/** @returns undefined if no other name is a prefix of this one, nor this one of another */
export function overlapOf(name: string, others: string[]): Overlap | undefined {
  for (const other of others) {
    if (other.startsWith(`${name}-`)) return { reaching: name, reached: other };
    if (name.startsWith(`${other}-`)) return { reaching: other, reached: name };
  }
  return undefined;
}
